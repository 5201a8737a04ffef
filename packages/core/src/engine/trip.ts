import type { Credential } from "../credential.ts";
import { type AuthError, failure } from "../errors.ts";
import type { Flight } from "../flight.ts";
import type { Memory } from "../memory.ts";
import type { TokenRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import { free, type Lease, type LockWait, type TokenStore } from "../store.ts";
import type { AccessToken } from "../token.ts";
import { waitFor } from "../wait.ts";

/** What can be asked of a grant. */
export type Work = "keep-alive" | "refresh" | "exchange";

/** One transaction under way: what it works with, and what it has learned. */
export interface Trip {
  readonly setup: Setup;
  readonly memory: Memory;
  readonly flight: Flight;
  /** The token it is to replace. */
  replaced: AccessToken | undefined;
  /** The store, or `nowhere` once it turned out to be away. */
  store: TokenStore;
  key: string;
  partition?: string | undefined;
  credential?: Credential;
  /** The source has been asked, with or without success. */
  asked?: boolean;
  /** The source has none, which a refresh may do without. */
  missing?: AuthError;
  /** What the server said of the credential, until the source was read once more. */
  refusal?: AuthError | undefined;
  healed?: boolean;
  reborn?: boolean;
  /** Keep-alive failed, so this trip renews. */
  keepAliveFailed?: boolean;
  /** The store's mark of what was there when we looked last. */
  generation?: string | undefined;
  /** The store has gone back: what we hold is later, and to be written there again (SEC-53). */
  behind?: boolean;
  /** Another login that is alive stands under our name: it is neither used nor replaced, but by a login. */
  taken?: TokenRecord | undefined;
  /** Why the stored login is not to be used, if it is not. */
  obstacle?: string | undefined;
}

/** Runs `work` under the store's lock. If the lock is not to be had, `otherwise` says what then. */
export async function underLock<T>(
  store: TokenStore,
  key: string,
  work: (lease: Lease) => Promise<T>,
  options: LockWait<T>,
  otherwise: (thrown: unknown) => void = () => {},
): Promise<T> {
  let outcome: Promise<T> | undefined;
  const enter = async (lease: Lease): Promise<T> => {
    options.signal?.throwIfAborted(); // nobody waits any more
    outcome = work(lease);
    return outcome;
  };
  if (!store.withLock) return work(free);
  try {
    return await waitFor(store.withLock(key, enter, options), options.signal);
  } catch (thrown) {
    // What the work came to is what counts: a lock that cannot be released goes stale by itself.
    if (outcome) return outcome;
    options.signal?.throwIfAborted();
    otherwise(thrown);
    return work(free);
  }
}

/** Only a person can go on; `reason` says why, as far as it is known. */
export function loginNeeded(
  trip: Trip,
  reason: string | undefined = trip.obstacle,
  cause?: AuthError,
): AuthError {
  const { setup, memory } = trip;
  const { dead, tokens } = memory.held?.record ?? {};
  const ended = tokens?.sessionExpiresAt && tokens.sessionExpiresAt.getTime() <= setup.clock.now();
  const why = reason ?? dead?.reason ?? (ended ? "session-ended" : "login-needed");
  if (why === "issuer-changed" && trip.taken) {
    const whose = trip.taken.bought?.account;
    const what = `another login${whose ? `, of ${whose},` : ""} is kept under this name in ${trip.store.name}, and is left alone. Give this one a name of its own; or log in, which replaces that one.`;
    return failure("INTERACTION_REQUIRED", why, setup.name, what, { cause });
  }
  const said = cause ? `: ${cause.message}` : ".";
  const next = /log in again/i.test(said) ? "" : " Log in again.";
  const words = `${why.replaceAll("-", " ")}${said}${next}`;
  return failure("INTERACTION_REQUIRED", why, setup.name, words, { cause });
}
