import type { AuthError, AuthErrorCode } from "../errors.ts";
import { failure, toAuthError } from "../errors.ts";
import { readCredential } from "../exchange.ts";
import { sameCredential } from "./same-credential.ts";
import { loginNeeded, type Trip, type Work } from "./trip.ts";

/** A credential that is not there, rather than one that is broken. */
const absent: ReadonlySet<AuthErrorCode> = new Set([
  "ERR_AUTH_NOT_FOUND",
  "ERR_AUTH_UNAVAILABLE",
  "ERR_AUTH_EXHAUSTED",
]);

/** Finds out whose login this is. A grant that is told its client up front needs no vault to serve a stored token. */
export async function identify(trip: Trip): Promise<void> {
  const { setup, memory } = trip;
  const { grant, named, credentials } = setup;
  trip.partition = await grant.partition(trip.credential);
  if (trip.partition === undefined && !trip.credential) {
    // Where only a person or an unreachable source could tell, a named login is used on the strength of its name.
    if (named === undefined) await ask(trip);
    else if (!credentials?.interactive) await ask(trip).catch(() => {});
  }
  const key = named ?? trip.partition;
  if (key === undefined) {
    throw failure(
      "INVALID",
      "no-identity",
      setup.name,
      "nothing says whose login this is. Give it a `name`.",
    );
  }
  trip.key = memory.key = key;
  memory.partition = trip.partition;
}

/** Does `work` need a credential that has not been read? */
export function lacks(trip: Trip, work: Work): boolean {
  const { credentials, grant } = trip.setup;
  if (trip.refusal) return true;
  if (trip.asked || !credentials || !grant.accepts?.length || work === "keep-alive") return false;
  return work === "exchange" || !credentials.interactive;
}

/** Reads the credential that `work` needs: outside the lock, because sources may be slow or ask a person. */
export async function read(trip: Trip, work: Work): Promise<void> {
  const { refusal, credential } = trip;
  if (refusal) {
    // SEC-69: a rotated secret shows only past the source's cache; the same secret again is final.
    trip.refusal = undefined;
    await ask(trip, true).catch(() => {});
    if (sameCredential(credential, trip.credential)) {
      trip.flight.asked = true;
      throw refusal;
    }
    return identify(trip); // another credential may be another identity
  }
  if (!lacks(trip, work)) return;
  try {
    await ask(trip);
  } catch (thrown) {
    const error = toAuthError(thrown, "");
    if (!absent.has(error.code)) throw thrown;
    trip.missing = error;
    if (work === "exchange") throw without(trip, error);
    // A refresh may do without: only the grant knows whether its client has a secret.
    trip.asked = true;
  }
}

/** That a login is dead is what people must hear; that nothing else is there follows from it. */
export function without(trip: Trip, missing: AuthError): AuthError {
  const { dead } = trip.memory.held?.record ?? {};
  return dead ? loginNeeded(trip, dead.reason, missing) : missing;
}

/** Reads the credential, and what it says of the identity. */
async function ask(trip: Trip, again = false): Promise<void> {
  // What was refused lately is not asked of a cache.
  const forceRefresh = again || trip.memory.secretRefused;
  const credential = await readCredential(trip.setup, trip.flight, forceRefresh);
  trip.healed ||= forceRefresh;
  if (!credential) return;
  trip.credential = credential;
  trip.asked = true;
  trip.partition ??= await trip.setup.grant.partition(credential);
}
