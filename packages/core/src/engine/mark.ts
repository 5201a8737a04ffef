import type { Memory } from "../memory.ts";
import { encodeRecord, type TokenRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import type { TokenStore } from "../store.ts";
import { AccessToken } from "../token.ts";

/** Stands in a record where there is no access token: expired from the beginning. */
export const nothing: AccessToken = new AccessToken("none", {
  id: "none",
  obtainedAt: new Date(0),
  expiresAt: new Date(0),
});

/**
 * Ends the login that stands under `key` with the generation `expected`. What is left says that somebody logged out: a sibling
 * that still holds the login must not take its absence for an accident, and write it again (SEC-53). It stays until the next
 * login. Resolves to false if there was something else.
 */
export async function endLogin(
  { setup, memory }: { readonly setup: Setup; readonly memory: Memory },
  store: TokenStore,
  key: string,
  { partition, spent }: Pick<TokenRecord, "partition" | "spent">,
  expected: string | undefined,
): Promise<boolean> {
  if (store.foreign) return store.delete(key, expected);
  const record: TokenRecord = {
    tokens: { accessToken: nothing },
    partition,
    spent,
    order: memory.nextOrder(),
    ended: { at: new Date(setup.clock.now()) },
  };
  memory.see(record);
  return (await store.write(key, encodeRecord(record), expected)) !== undefined;
}
