import { type AuthError, failure, isAuthError, toAuthError } from "../errors.ts";
import { grantContext, publish } from "../exchange.ts";
import type { Answer } from "../memory.ts";
import { decodeRecord, encodeRecord, type TokenRecord } from "../record.ts";
import type { Stored } from "../store.ts";
import type { AccessToken } from "../token.ts";
import { loginNeeded, type Trip } from "./trip.ts";

/**
 * One record, compared and swapped, before anybody sees the token (SEC-58). Resolves to the token to use: ours, or a newer
 * one that is stored; `undefined`: what is stored is newer, and has to be looked at.
 */
export async function save(trip: Trip, answer: Answer): Promise<AccessToken | undefined> {
  const { setup, memory, flight, store } = trip;
  const { record, sent, key } = answer;
  const { refreshToken } = record.tokens;
  // From here on the refresh token is nowhere else: whatever happens, the next call saves it first (SEC-59).
  if (refreshToken) memory.unsaved = answer;
  let expected = answer.generation;
  let unheard = false;
  for (let tries = 0, conflicts = 0; conflicts < 6; tries++) {
    if (memory.ended >= flight.turn) {
      // Still under the lock: nobody is to find, and send again, the token that we have spent.
      if (expected !== undefined) await store.delete(key, expected).catch(() => {});
      return takeBack(trip, record, "logged-out");
    }
    let written: string | undefined;
    let stored: Stored | undefined;
    try {
      written = await store.write(key, encodeRecord(record), expected);
      stored = written === undefined ? await store.read(key) : undefined;
    } catch (thrown) {
      const error = toAuthError(thrown, store.name);
      unheard = true; // perhaps it was written all the same, and a sibling has gone on from there
      if (refreshToken) await holdOut(trip, { ...answer, generation: expected }, tries, error);
      else {
        setup.emit({ type: "warning", error });
        return publish(setup, memory, flight, answer); // nothing is lost: it can be had again
      }
      continue;
    }
    if (written !== undefined) {
      if (memory.ended < flight.turn) return publish(setup, memory, flight, answer, written);
      expected = written;
      continue;
    }
    conflicts++;
    if (!stored && expected !== undefined) return takeBack(trip, record, "logged-out");
    expected = stored?.generation;
    if (!stored || (flight.login && !unheard)) continue;
    const theirs = decode(trip, stored);
    if (!theirs && sent) return takeBack(trip, record, "issuer-changed");
    if (!theirs || (sent && theirs.tokens.refreshToken?.reveal() === sent)) continue; // ours is its only living successor
    memory.unsaved = undefined;
    memory.hold(theirs, expected);
    const { refreshToken: living } = theirs.tokens;
    if (sent || memory.usable() || (living && !theirs.dead)) return memory.usable();
  }
  throw contended(trip);
}

/** Waits for the next try, within the time limit (L6). The lock is kept: its next holder would spend the old token. */
async function holdOut(trip: Trip, answer: Answer, tries: number, cause: AuthError): Promise<void> {
  const { setup, memory, flight, store } = trip;
  const { clock, policy } = setup;
  const error = failure("UNREACHABLE", "save-failed", store.name, `not saved: ${cause.message}`, { cause });
  memory.unsaved = { ...answer, error };
  if (policy.serveUnsaved && tries === 0) {
    setup.emit({ type: "warning", error });
    flight.serve(memory.hold(answer.record, answer.generation, answer.startedAt));
  }
  const left = flight.startedAt + policy.timeoutMs - clock.monotonic();
  if (left <= 0) throw error;
  await clock.sleep(Math.min(left, clock.random() * Math.min(5_000, 200 * 2 ** tries)));
}

export function contended({ setup }: Trip): AuthError {
  return failure("UNREACHABLE", "store-contended", setup.name, "others keep changing it. Try again.");
}

/** Are these another identity's tokens? */
export function isForeign({ partition }: Pick<Trip, "partition">, record: TokenRecord | undefined): boolean {
  return record?.partition !== undefined && partition !== undefined && record.partition !== partition;
}

/** The stored record, if it is ours. A login replaces what cannot be read; anything else reports it. */
export function decode(trip: Trip, { value }: Stored): TokenRecord | undefined {
  try {
    const record = decodeRecord(value);
    const foreign = isForeign(trip, record);
    trip.obstacle = foreign ? "issuer-changed" : undefined;
    return foreign ? undefined : record;
  } catch (error) {
    if (trip.flight.login && isAuthError(error) && error.reason === "store-corrupted") return undefined;
    throw error;
  }
}

/** The login was ended or replaced while we renewed it: what we got must not bring it back (SEC-67). */
async function takeBack(trip: Trip, { tokens }: TokenRecord, reason: string): Promise<never> {
  const { setup, memory, credential } = trip;
  memory.unsaved = undefined;
  memory.forget();
  try {
    await setup.grant.revoke?.(tokens, grantContext(setup), credential);
  } catch (thrown) {
    setup.emit({ type: "warning", error: toAuthError(thrown, setup.grant.name) });
  }
  throw loginNeeded(trip, reason);
}
