import {
  type AccessToken,
  AuthError,
  decodeRecord,
  encodeRecord,
  isAuthError,
  type TokenStore,
} from "@auth/core";
import { noToken } from "./kept-token.ts";
import { type Here, isFor, partitionOf } from "./whose.ts";

export interface LoginStoreOptions {
  readonly keep: boolean;
  readonly given: AccessToken | undefined;
  readonly here: Here;
}

/**
 * The store of one login: the token that was given comes first, until another was bought. `keep` puts it into the store beneath
 * at once. A kept token of another service, or for another scope, is none: it can be bought again.
 */
export function loginStore<S extends TokenStore>(beneath: S, { keep, given, here }: LoginStoreOptions): S {
  const tokens = given && { accessToken: given };
  let own = tokens && {
    value: encodeRecord({ tokens }),
    generation: "given",
    // Whoever gave it here meant it for here.
    noted: encodeRecord({ tokens, partition: partitionOf(here) }),
  };
  let unkept = keep;
  const store: S = {
    ...beneath,
    // Asked for when it is needed: it may name a place that is not known yet.
    get name() {
      return beneath.name;
    },
    async read(key) {
      const kept = await beneath.read(key).catch(goWithout);
      const found = kept && { ...kept, value: tokenFor(kept.value, here) };
      if (!own) return found;
      if (unkept) await store.write(key, own.noted, own.generation).catch(() => {}); // it is here all the same
      unkept = false;
      return own ?? store.read(key);
    },
    async write(key, value, expected) {
      const replaced = own && own.generation === expected ? (await beneath.read(key))?.generation : expected;
      const generation = await beneath.write(key, value, replaced);
      if (generation !== undefined) own = undefined;
      return generation;
    },
    async delete(key, expected) {
      const had = own !== undefined;
      own = undefined;
      return (await beneath.delete(key, had ? undefined : expected)) || had;
    },
  };
  return store;
}

function tokenFor(value: string, here: Here): string {
  const { partition, tokens, ...rest } = decodeRecord(value);
  const accessToken = isFor(partition, here) ? tokens.accessToken : noToken;
  return encodeRecord({ ...rest, tokens: { ...tokens, accessToken } });
}

/** A path that no file can have is as good as a folder that may not be written: core goes on in memory. */
function goWithout(error: unknown): never {
  if (!isAuthError(error, "ERR_AUTH_INVALID") || error.reason !== "not-a-file") throw error;
  throw new AuthError("ERR_AUTH_DENIED", "save-failed", error.message, { provider: error.provider });
}
