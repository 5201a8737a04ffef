import { failure, isAuthError, toAuthError } from "../errors.ts";
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
  const { setup, memory, flight, store, key } = trip;
  const { clock, policy } = setup;
  const { record, sent, startedAt } = answer;
  let expected = answer.generation;
  for (let tries = 0; ; tries++) {
    if (memory.epoch !== trip.epoch) return takeBack(trip, record);
    try {
      const generation = await store.write(key, encodeRecord(record), expected);
      if (generation !== undefined) return publish(setup, memory, flight, answer, trip.startedAt, generation);
      const stored = await store.read(key);
      if (!stored && expected !== undefined) return await takeBack(trip, record);
      expected = stored?.generation;
      const theirs = stored && !flight.login && decode(trip, stored);
      if (theirs && (!sent || theirs.tokens.refreshToken?.reveal() !== sent)) {
        memory.hold(theirs, expected);
        memory.unsaved = undefined;
        if (sent || memory.usable()) return memory.usable();
      }
    } catch (thrown) {
      const error = toAuthError(thrown, store.name);
      if (error.code === "ERR_AUTH_INTERACTION_REQUIRED") throw error;
      const { code, reason } = error;
      if (!record.tokens.refreshToken) {
        setup.emit({ type: "warning", code, reason }); // nothing is lost: it can be had again
        return publish(setup, memory, flight, answer, trip.startedAt);
      }
      memory.unsaved = { ...answer, generation: expected };
      if (policy.serveUnsaved && tries === 0) {
        setup.emit({ type: "warning", code, reason });
        flight.serve(memory.hold(record, expected, startedAt));
      }
      const left = trip.startedAt + policy.timeoutMs - clock.monotonic();
      if (left <= 0) {
        throw failure(
          "UNREACHABLE",
          "save-failed",
          store.name,
          `the renewed login is not saved yet (${reason}). Make room or give access, and keep this process running: it tries again.`,
          {
            cause: error,
          },
        );
      }
      // The lock is kept meanwhile: whoever gets it next would spend the old refresh token.
      await clock.sleep(Math.min(left, clock.random() * Math.min(5_000, 200 * 2 ** tries)));
    }
  }
}

/** The stored record, if it is ours. A login replaces what cannot be read; anything else reports it. */
export function decode(trip: Trip, { value }: Stored): TokenRecord | undefined {
  try {
    const record = decodeRecord(value);
    const foreign =
      record.partition !== undefined && trip.partition !== undefined && record.partition !== trip.partition;
    trip.obstacle = foreign ? "issuer-changed" : undefined;
    return foreign ? undefined : record;
  } catch (error) {
    if (trip.flight.login && isAuthError(error) && error.reason === "store-corrupted") return undefined;
    throw error;
  }
}

/** The login was ended while we renewed it: what we got must not bring it back (SEC-67). */
async function takeBack(trip: Trip, { tokens }: TokenRecord): Promise<never> {
  const { setup, memory } = trip;
  memory.forget();
  await setup.grant.revoke?.(tokens, grantContext(setup), trip.credential).catch((thrown: unknown) => {
    setup.emit({ type: "warning", reason: toAuthError(thrown, setup.grant.name).reason });
  });
  throw loginNeeded(trip, "logged-out");
}
