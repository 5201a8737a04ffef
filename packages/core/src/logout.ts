import type { LogoutReport } from "./auth.ts";
import type { Credential } from "./credential.ts";
import { toAuthError } from "./errors.ts";
import type { GrantContext } from "./grant.ts";
import type { Memory } from "./memory.ts";
import { decodeRecord, type TokenRecord } from "./record.ts";
import type { TokenSet } from "./token.ts";
import type { Setup } from "./transaction.ts";

type Part = LogoutReport["parts"][number];

/** Ends a login: every copy here first, then at the server (SEC-67). What fails is reported by name, never as success. */
export async function logout(
  setup: Setup,
  memory: Memory,
  signal: AbortSignal | undefined,
): Promise<LogoutReport> {
  const { grant, named, store } = setup;
  const parts: Part[] = [];
  const key = memory.key ?? named ?? (await grant.partition());
  memory.epoch++;
  const ending: TokenSet[] = [];
  const note = (record: TokenRecord | undefined): void => {
    const known = ending.some(
      (tokens) => tokens.refreshToken?.reveal() === record?.tokens.refreshToken?.reveal(),
    );
    if (record && !(known && record.tokens.refreshToken)) ending.push(record.tokens);
  };
  note(memory.unsaved?.record);

  if (!grant.local && key !== undefined) {
    parts.push(
      await part(`store ${store.name}`, async () => {
        const stored = await erase(setup, key, signal);
        if (stored === undefined) return "nothing-there";
        note(readable(stored, await grant.partition()));
        return "done";
      }),
    );
  }
  note(memory.held?.record);
  parts.unshift({ part: "memory", outcome: memory.held || memory.unsaved ? "done" : "nothing-there" });
  memory.unsaved = undefined;
  memory.forget();

  if (grant.revoke && ending.length > 0) {
    const credential = await readQuietly(setup);
    for (const tokens of ending) {
      parts.push(
        await part("revocation", async () => {
          await grant.revoke?.(tokens, context(setup), credential);
          return "done";
        }),
      );
    }
  }
  return { complete: parts.every(({ outcome }) => outcome !== "failed"), parts };
}

/** Deletes under the lock, like a flight; without it if it is not to be had in time. Resolves to what was there. */
async function erase(
  { store, policy }: Setup,
  key: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const work = async (): Promise<string | undefined> => {
    const stored = await store.read(key).catch(() => undefined); // what cannot be read can still be deleted
    return (await store.delete(key)) ? (stored?.value ?? "") : undefined;
  };
  if (!store.withLock) return work();
  let entered = false;
  const enter = (): Promise<string | undefined> => {
    entered = true;
    return work();
  };
  try {
    return await store.withLock(key, enter, {
      waitMs: policy.lockWaitMs ?? 30_000,
      ...(signal && { signal }),
    });
  } catch (thrown) {
    signal?.throwIfAborted();
    if (entered) throw thrown;
    return work();
  }
}

async function part(name: string, work: () => Promise<Part["outcome"]>): Promise<Part> {
  try {
    return { part: name, outcome: await work() };
  } catch (thrown) {
    return { part: name, outcome: "failed", reason: toAuthError(thrown, name).reason };
  }
}

/** Tokens of another issuer are deleted, and not sent to this one (SEC-36). */
function readable(value: string, partition: string | undefined): TokenRecord | undefined {
  try {
    const record = decodeRecord(value);
    return record.partition === undefined || partition === undefined || record.partition === partition
      ? record
      : undefined;
  } catch {
    return undefined;
  }
}

async function readQuietly({ credentials, grant }: Setup): Promise<Credential | undefined> {
  if (!credentials || credentials.interactive || !grant.accepts?.length) return undefined;
  return credentials.get().catch(() => undefined);
}

function context(setup: Setup): GrantContext {
  return {
    signal: new AbortController().signal,
    fetch: setup.fetch,
    clock: setup.clock,
    salvage: () => {},
    warn: (reason) => setup.emit({ type: "warning", reason }),
  };
}
