import { type AuthError, failure, isAuthError, toAuthError } from "../errors.ts";
import { grantContext, publish } from "../exchange.ts";
import type { Answer } from "../memory.ts";
import { decodeRecord, encodeRecord, type TokenRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import type { Stored } from "../store.ts";
import type { AccessToken } from "../token.ts";
import { endLogin } from "./mark.ts";
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
  if (refreshToken) {
    memory.unsaved = answer;
    flight.sent = true; // there is no way back
  }
  let expected = answer.generation;
  let unheard = false;
  for (let tries = 0, conflicts = 0; conflicts < 6; tries++) {
    if (memory.ended >= flight.turn) {
      // Still under the lock: nobody is to find, and send again, the token that we have spent.
      if (expected !== undefined) await endLogin(trip, store, key, record, expected).catch(() => {});
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
      if (flight.login && trip.taken) replacedLogin(trip);
      if (memory.ended < flight.turn) return publish(setup, memory, flight, answer, written);
      expected = written;
      continue;
    }
    conflicts++;
    if (!stored && expected !== undefined && store.foreign) return takeBack(trip, record, "logged-out");
    expected = stored?.generation;
    if (!stored || (flight.login && !unheard)) continue; // gone by itself: that is no logout
    const theirs = decode(trip, stored);
    if (!theirs && sent) return takeBack(trip, record, "issuer-changed");
    if (!theirs && trip.taken && !flight.login) {
      nameTaken(setup);
      return publish(setup, memory, flight, answer); // another login lives here; ours stays in memory
    }
    // Ours is its only living successor, or the store has gone back.
    if (!theirs || isBehind(trip, theirs, answer)) continue;
    if (theirs.ended) return takeBack(trip, record, "logged-out");
    memory.unsaved = undefined;
    memory.hold(theirs, expected);
    const { refreshToken: living } = theirs.tokens;
    if (sent || memory.usable() || (living && !theirs.dead)) return memory.usable();
  }
  throw contended(trip);
}

/** A login under a name that another one had: people must hear what is gone. */
function replacedLogin({ setup, taken }: Trip): void {
  const whose = taken?.bought?.account ?? "somebody else";
  const what = `this login replaced that of ${whose}, which was kept under the same name.`;
  setup.emit({ type: "warning", reason: "login-replaced", what });
}

/** Whoever lives under our name is left alone. */
export function nameTaken({ emit }: Setup): void {
  const what = "another login is kept under this name, and is left alone. Give this one a name of its own.";
  emit({ type: "warning", reason: "name-taken", what });
}

/** Is what is stored older than what we had before we asked? */
function isBehind({ memory }: Trip, { order, tokens }: TokenRecord, { sent, after }: Answer): boolean {
  if (sent !== undefined && tokens.refreshToken?.reveal() === sent) return true;
  if (memory.isSpent(tokens.refreshToken)) return true;
  return order !== undefined && after !== undefined && order <= after;
}

/**
 * Waits for the next try. The lock is kept for as long as this process lives, since its next holder would spend the old token;
 * those who wait for the token are told after the time limit (L6).
 */
async function holdOut(trip: Trip, answer: Answer, tries: number, cause: AuthError): Promise<void> {
  const { setup, memory, flight, store } = trip;
  const { clock, policy } = setup;
  const error = failure(
    "UNREACHABLE",
    "save-failed",
    store.name,
    `not saved: ${cause.message.replace(`${store.name}: `, "")}`,
    { cause },
  );
  memory.unsaved = { ...answer, error };
  if (policy.serveUnsaved && tries === 0) {
    setup.emit({ type: "warning", error });
    flight.serve(memory.hold(answer.record, answer.generation, answer.startedAt));
  }
  const left = flight.startedAt + policy.timeoutMs - clock.monotonic();
  if (memory.gone && left <= 0) throw error;
  const hurry = new AbortController();
  memory.saving?.tried.resolve();
  memory.saving = { hurry: () => hurry.abort(), tried: Promise.withResolvers() };
  // After the time limit nobody waits for this, and it keeps no process alive.
  const pause = clock.random() * Math.min(5_000, 200 * 2 ** Math.min(tries, 10));
  const wait = { signal: hurry.signal, background: left <= 0 };
  await clock.sleep(left > 0 ? Math.min(left, pause) : pause, wait).catch(() => {});
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
    const foreign = isForeign(trip, record) || trip.memory.isOthers(record);
    trip.obstacle = foreign && !record.ended ? "issuer-changed" : undefined;
    // One that is known to be dead is nobody's login any more.
    trip.taken = foreign && record.tokens.refreshToken && !record.dead ? record : undefined;
    if (foreign) return undefined;
    trip.memory.see(record);
    return record;
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
