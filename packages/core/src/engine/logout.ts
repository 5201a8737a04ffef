import type { LogoutReport } from "../auth.ts";
import type { Credential } from "../credential.ts";
import { failure, toAuthError } from "../errors.ts";
import { grantContext } from "../exchange.ts";
import type { Memory } from "../memory.ts";
import { decodeRecord, type TokenRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import { isForeign } from "./save.ts";
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
    memory.refused = record?.spent ?? memory.refused; // what was exchanged is not exchanged again
  };

  let credential: Credential | undefined;
  if (!grant.local) {
    // Like a flight, under the lock; without it, if it is not to be had in time.
    await attempt(`store ${store.name}`, async () => {
      let partition = await grant.partition();
      let key = memory.key ?? named ?? partition;
      if (key === undefined) {
        credential = await quietly(setup);
        key = partition = await grant.partition(credential);
      }
      if (key === undefined)
        throw failure("INVALID", "no-identity", setup.name, "nothing says whose login this is.");
      const place = key;
      const erase = async (): Promise<boolean> => {
        const stored = await store.read(place).catch(() => undefined); // what cannot be read can still be deleted
        const deleted = await store.delete(place);
        if (deleted && stored) note(recordOf(stored.value, partition));
        return deleted;
      };
      return underLock(store, place, erase, { waitMs: policy.lockWaitMs, signal });
    });
  }
  note(memory.unsaved?.record);
  note(memory.held?.record);
  memory.unsaved = undefined;
  memory.forget();
  memory.ended = memory.turns; // what came meanwhile may have read what is deleted now
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

/** The credential, for whose login it is and for the client's own authentication; without asking a person. */
async function quietly({ credentials, grant }: Setup): Promise<Credential | undefined> {
  if (!credentials || credentials.interactive || !grant.accepts?.length) return undefined;
  return credentials.get().catch(() => undefined);
}

/** Tokens of another issuer are deleted, and not sent to this one (SEC-36). */
function recordOf(value: string, partition: string | undefined): TokenRecord | undefined {
  try {
    const record = decodeRecord(value);
    return isForeign({ partition }, record) ? undefined : record;
  } catch {
    return undefined;
  }
}
