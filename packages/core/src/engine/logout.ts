import type { LogoutReport } from "../auth.ts";
import { toAuthError } from "../errors.ts";
import { grantContext } from "../exchange.ts";
import type { Memory } from "../memory.ts";
import { decodeRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import type { TokenSet } from "../token.ts";
import { storeOf } from "./store-of.ts";
import { underLock } from "./trip.ts";

type Part = LogoutReport["parts"][number];

/** Ends a login: every copy here first, then at the server (SEC-67). What fails is reported by name, never as success. */
export async function logout(
  setup: Setup,
  memory: Memory,
  signal: AbortSignal | undefined,
): Promise<LogoutReport> {
  const { grant, credentials, named, policy } = setup;
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
  memory.epoch++;
  const ending: (TokenSet | undefined)[] = [memory.unsaved?.record.tokens, memory.held?.record.tokens];
  await attempt("memory", async () => memory.token !== undefined);

  const partition = await grant.partition();
  const key = memory.key ?? named ?? partition;
  if (!grant.local && key !== undefined) {
    const erase = async (): Promise<boolean> => {
      const stored = await store.read(key).catch(() => undefined); // what cannot be read can still be deleted
      const deleted = await store.delete(key);
      if (deleted && stored) ending.push(tokensOf(stored.value, partition));
      return deleted;
    };
    // Like a flight, under the lock; without it, if it is not to be had in time.
    await attempt(`store ${store.name}`, () =>
      underLock(store, key, erase, { waitMs: policy.lockWaitMs, ...(signal && { signal }) }),
    );
  }
  memory.forget();

  const distinct = new Map(
    ending.map((tokens) => [(tokens?.refreshToken ?? tokens?.accessToken)?.reveal(), tokens]),
  );
  distinct.delete(undefined);
  if (grant.revoke && distinct.size > 0) {
    const readable = credentials && !credentials.interactive && grant.accepts?.length;
    const credential = readable ? await credentials.get().catch(() => undefined) : undefined;
    for (const tokens of distinct.values()) {
      if (tokens)
        await attempt("revocation", async () => grant.revoke?.(tokens, grantContext(setup), credential));
    }
  }
  return { complete: parts.every(({ outcome }) => outcome !== "failed"), parts };
}

/** Tokens of another issuer are deleted, and not sent to this one (SEC-36). */
function tokensOf(value: string, partition: string | undefined): TokenSet | undefined {
  try {
    const record = decodeRecord(value);
    return record.partition === undefined || partition === undefined || record.partition === partition
      ? record.tokens
      : undefined;
  } catch {
    return undefined;
  }
}
