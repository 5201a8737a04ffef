import type { LogoutReport } from "../auth.ts";
import type { Credential } from "../credential.ts";
import { failure, toAuthError } from "../errors.ts";
import { grantContext } from "../exchange.ts";
import type { Memory } from "../memory.ts";
import { decodeRecord, type TokenRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import { endLogin } from "./mark.ts";
import { isForeign, nameTaken } from "./save.ts";
import { storeOf } from "./store-of.ts";
import { underLock } from "./trip.ts";

type Part = LogoutReport["parts"][number];

/** Ends a login: every copy here first, then at the server (SEC-67). What fails is reported by name, never as success. */
export async function logout(
  setup: Setup,
  memory: Memory,
  signal: AbortSignal | undefined,
): Promise<LogoutReport> {
  const { grant, named, policy } = setup;
  const store = storeOf(setup, memory);
  const parts: Part[] = [];
  const attempt = async (part: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      parts.push({ part, outcome: (await work()) === false ? "nothing-there" : "done" });
    } catch (thrown) {
      signal?.throwIfAborted();
      parts.push({ part, outcome: "failed", reason: toAuthError(thrown, part).reason });
    }
  };
  await attempt("memory", async () => memory.token !== undefined || memory.unsaved !== undefined);
  const ending: TokenRecord[] = [];
  const note = (record: TokenRecord | undefined): void => {
    if (record) ending.push(record);
    const { refreshToken } = record?.tokens ?? {};
    if (refreshToken) memory.spend(refreshToken.reveal()); // not to be sent again, should it come back
    memory.refused = record?.spent ?? memory.refused; // what was exchanged is not exchanged again
  };

  let credential: Credential | undefined;
  if (!grant.local) {
    // Like a flight, under the lock; without it, if it is not to be had in time.
    await attempt(`store ${store.name}`, async () => {
      // A name alone does not say whose login stands there: who is told by the source asks it, for a while.
      let partition = memory.partition ?? (await grant.partition());
      if (partition === undefined) {
        credential = await within(setup, quietly(setup));
        partition = await grant.partition(credential);
      }
      const key = memory.key ?? named ?? partition;
      if (key === undefined)
        throw failure("INVALID", "no-identity", setup.name, "nothing says whose login this is.");
      const place = key;
      const erase = async (): Promise<boolean> => {
        const stored = await store.read(place).catch(() => undefined); // what cannot be read can still be deleted
        const { record, theirs } = stored ? recordOf(stored.value, partition) : {};
        if (theirs) {
          nameTaken(setup);
          return false; // whoever lives under our name has not logged out
        }
        const damaged = !stored && (await store.delete(place));
        const known = memory.held?.record ?? memory.unsaved?.record;
        if (!stored && !known) return damaged;
        const { spent } = record ?? known ?? {};
        for (let expected = stored?.generation, tries = 0; tries < 6; tries++) {
          if (await endLogin({ setup, memory }, store, place, { partition, spent }, expected)) break;
          expected = (await store.read(place))?.generation;
          if (expected === undefined && store.foreign) break;
        }
        if (!record?.ended) note(record);
        return damaged || (stored !== undefined && !record?.ended);
      };
      return underLock(store, place, erase, { waitMs: policy.lockWaitMs, signal });
    });
  }
  note(memory.unsaved?.record);
  note(memory.held?.record);
  memory.unsaved = undefined;
  memory.forget();
  if (grant.revoke && ending.length > 0) credential ??= await quietly(setup);

  const distinct = new Map(
    ending.map(({ tokens }) => [(tokens.refreshToken ?? tokens.accessToken).reveal(), tokens]),
  );
  for (const tokens of distinct.values()) {
    if (grant.revoke)
      await attempt("revocation", async () => grant.revoke?.(tokens, grantContext(setup), credential));
  }
  return { complete: parts.every(({ outcome }) => outcome !== "failed"), parts };
}

/** A source that hangs holds up no logout: after the time for a lock it goes on without. */
async function within<T>({ clock, policy }: Setup, work: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  const late = clock.sleep(policy.lockWaitMs, { signal: over.signal }).then(
    () => undefined,
    () => undefined,
  );
  return Promise.race([work, late]).finally(() => over.abort());
}

/** The credential, for whose login it is and for the client's own authentication; without asking a person. */
async function quietly({ credentials, grant }: Setup): Promise<Credential | undefined> {
  if (!credentials || credentials.interactive || !grant.accepts?.length) return undefined;
  return credentials.get().catch(() => undefined);
}

/** What stands there. Tokens of another issuer are not sent to this one (SEC-36), and another's living login is left alone. */
function recordOf(
  value: string,
  partition: string | undefined,
): { readonly record?: TokenRecord; readonly theirs?: boolean } {
  try {
    const record = decodeRecord(value);
    if (!isForeign({ partition }, record)) return { record };
    return { theirs: record.tokens.refreshToken !== undefined && !record.dead };
  } catch {
    return {};
  }
}
