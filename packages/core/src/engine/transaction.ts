import { decide } from "../decide.ts";
import { digest } from "../digest.ts";
import { AuthError, toAuthError } from "../errors.ts";
import type { Flight } from "../flight.ts";
import type { Answer, Memory } from "../memory.ts";
import { encodeRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import type { Lease, Stored, TokenStore } from "../store.ts";
import type { AccessToken } from "../token.ts";
import { waitFor } from "../wait.ts";
import { identify, lacks, read, without } from "./claim.ts";
import { contended, decode, isForeign, nameTaken, save } from "./save.ts";
import { send, spends } from "./send.ts";
import { storeOf } from "./store-of.ts";
import { loginNeeded, type Trip, underLock, type Work } from "./trip.ts";

/** Stands in for a store that is away: nothing is there, and what is written is in memory only. */
const nowhere: TokenStore = {
  name: "nowhere",
  read: async () => undefined,
  write: async () => "",
  delete: async () => false,
};

/** Every exchange, refresh and keep-alive: read, lock, read again, send, save, publish. */
export async function transaction(setup: Setup, memory: Memory, flight: Flight): Promise<AccessToken> {
  const { grant } = setup;
  const store = storeOf(setup, memory);
  const trip: Trip = {
    setup,
    memory,
    flight,
    store,
    key: "",
    replaced: memory.token,
  };
  const patience = { waitMs: setup.policy.lockWaitMs };
  await identify(trip);
  const { unsaved } = memory;
  if (unsaved) {
    await underLock(store, unsaved.key, () => save(trip, unsaved), patience);
    // It may have been served already (`serveUnsaved`), and is news all the same; unless just that one is to go.
    if (!flight.force) trip.replaced = undefined;
  }
  const ready = await bearably(trip, () => adopt(trip));
  if (ready) return ready;

  const person = flight.login && grant.interactive;
  // A person takes minutes: nobody else should wait for the lock that long, and nothing is spent.
  if (person) await locked(trip, () => prepare(trip));
  for (let round = 0; round < 6; round++) {
    await read(trip, next(trip));
    const result = person
      ? await send(trip, "exchange")
      : await locked(
          trip,
          (lease) => attempt(trip, lease),
          () => adopt(trip), // in a crowd, one renews: the others need no turn
        );
    if (!result) continue;
    if ("reveal" in result) return result;
    // Without the lock if need be: this answer holds the only living refresh token (SEC-78).
    const token = await underLock(trip.store, trip.key, () => save(trip, result), patience);
    if (token) return token;
  }
  throw contended(trip);
}

/** What is to be sent. */
function next(trip: Trip): Work {
  const { setup, memory, flight } = trip;
  if (flight.login || trip.store === nowhere) return "exchange";
  if (!flight.force && !trip.keepAliveFailed && memory.decide() === "keep-alive") return "keep-alive";
  const { token: _, ...snapshot } = memory.snapshot();
  const action = decide(snapshot, memory.now(), setup.policy);
  const unattended = action !== "exchange" || snapshot.can.exchange === "unattended" || flight.attended;
  if ((action === "refresh" || action === "exchange") && unattended) return action;
  throw loginNeeded(trip);
}

/** Takes over what the store has; resolves to it if it is what we came for. */
async function adopt(trip: Trip): Promise<AccessToken | undefined> {
  const { setup, memory, flight, store } = trip;
  if (isForeign(trip, memory.held?.record)) memory.forget(); // the source is somebody else now
  if (store === nowhere) return undefined;
  const stored = await waitFor(store.read(trip.key), flight.signal);
  if (memory.ended >= flight.turn) throw loginNeeded(trip, "logged-out");
  const { held } = memory;
  trip.generation = stored?.generation;
  trip.behind = false;
  trip.taken = undefined;
  if (stored?.generation !== held?.generation) compare(trip, stored);
  // In a process that knew nothing, the token to be replaced is the stored one.
  if (flight.force) trip.replaced ??= memory.token;
  const token = memory.usable();
  if (!stored || !token || flight.login || token.id === trip.replaced?.id) return undefined;
  if (trip.behind || memory.held?.generation !== stored.generation) return undefined;
  if (!memory.decide(flight.minTtlMs).startsWith("use")) return undefined;
  if (stored.generation !== held?.generation)
    setup.emit({ type: "adopted", tokenId: token.id, ...memory.held?.record.bought });
  return token;
}

/** What is stored is not what we hold: one of the two is later (SEC-53). */
function compare(trip: Trip, stored: Stored | undefined): void {
  const { memory, store } = trip;
  const saved = memory.held?.generation !== undefined;
  const record = stored && decode(trip, stored);
  if (record && !memory.isAheadOf(record)) {
    if (!record.ended) return void memory.hold(record, stored.generation);
    if (memory.held) trip.obstacle = "logged-out";
    memory.forget();
    return;
  }
  if (!saved) return; // in memory only: there is nothing to be put back
  if (record || (!stored && !store.foreign)) {
    trip.behind = true; // an absence without a word is no logout
    return;
  }
  memory.forget(); // another login has taken our place, or the other program has logged out
  if (!stored) trip.obstacle = "logged-out";
}

/** Under the lock: what we hold, in the place of what has gone back. False: somebody was faster. */
async function restore(trip: Trip): Promise<boolean> {
  const { setup, memory, store, key, generation } = trip;
  const { held } = memory;
  if (!held) return true;
  const written = await store.write(key, encodeRecord(held.record), generation);
  if (written === undefined) return false;
  memory.held = { ...held, generation: written };
  trip.generation = written;
  trip.behind = false;
  const what = `${store.name} had gone back to an older state. The present login was put there again.`;
  setup.emit({ type: "warning", reason: "store-went-back", what, provider: store.name });
  return true;
}

/** A sibling's record, while this process asks for nothing: what it has in hand may be what we wait for. */
export async function look(setup: Setup, memory: Memory): Promise<AccessToken | undefined> {
  const { key, partition } = memory;
  if (key === undefined) return undefined;
  const { signal } = new AbortController();
  const flight: Flight = {
    startedAt: memory.now().monotonic,
    turn: memory.turns + 1,
    attended: false,
    force: false,
    minTtlMs: 0,
    signal,
    sent: false,
    serve: () => {},
  };
  const store = storeOf(setup, memory);
  try {
    return await adopt({ setup, memory, flight, store, key, partition, replaced: undefined });
  } catch {
    return undefined; // the failure that is known is the one to be told
  }
}

/** The part under the lock. `undefined`: let go, read what a source or sibling has, and come again. */
async function attempt(trip: Trip, lease: Lease): Promise<AccessToken | Answer | undefined> {
  const { setup, memory, flight } = trip;
  const ready = await bearably(trip, () => adopt(trip));
  if (ready) return ready;
  if (trip.taken && !flight.login) standAside(trip);
  if (trip.behind && !(await restore(trip))) return undefined;
  for (;;) {
    const work = next(trip);
    if (lacks(trip, work)) return undefined;
    if (work === "exchange" && trip.missing) throw without(trip, trip.missing);
    await bearably(trip, () => prepare(trip));
    if (trip.store === nowhere && work !== "exchange") continue;
    const spending = spends(trip, work);
    try {
      if (spending) await lease.sent?.();
    } catch (thrown) {
      if (!lease.signal.aborted) throw thrown;
    }
    if (lease.signal.aborted) return undefined; // lost: nothing was sent, so take it again
    flight.signal.throwIfAborted();
    flight.sent = spending;
    let answer: Answer;
    try {
      answer = await send(trip, work);
    } catch (thrown) {
      if (await refused(trip, work, toAuthError(thrown, setup.grant.name))) continue;
      return undefined;
    }
    return lease.signal.aborted ? answer : save(trip, answer);
  }

  /** Another login lives under our name: what costs it nothing goes on in memory, anything else has to be told. */
  function standAside(aside: Trip): void {
    if (!memory.snapshot().can.exchange || spends(aside, "exchange")) throw loginNeeded(aside);
    aside.store = nowhere;
    nameTaken(setup);
  }
}

function prepare({ store, key, flight }: Trip): Promise<void> {
  return waitFor(Promise.resolve(store.prepare?.(key)), flight.signal);
}

/** What a refusal means. True: go on under this lock; false: read and lock again. Throws what is final. */
async function refused(trip: Trip, work: Work, error: AuthError): Promise<boolean> {
  const { setup, memory, credential } = trip;
  const { code, reason } = error;
  if (work === "keep-alive") {
    setup.emit({ type: "warning", error });
    trip.keepAliveFailed = true;
    return true;
  }
  const tokenRefused = code === "ERR_AUTH_GRANT" && reason === "refresh-token-rejected";
  if (tokenRefused && work === "refresh") return bury(trip);
  let verdict = error;
  if (tokenRefused && credential?.type === "refresh-token") {
    memory.refused = await digest(credential.refreshToken.reveal());
    verdict = loginNeeded(trip, reason, error);
  } else if (code !== "ERR_AUTH_GRANT" || reason !== "credential-rejected") throw error;
  if (trip.healed || !credential) throw verdict;
  trip.healed = true;
  trip.refusal = verdict;
  return false;
}

/** SEC-61: a refused refresh token is believed dead only if the store still has that one; then it is kept, marked. */
async function bury(trip: Trip): Promise<boolean> {
  const { setup, memory, store, key } = trip;
  const { held } = memory;
  const sent = held?.record.tokens.refreshToken;
  const stored = await store.read(key);
  const record = stored && decode(trip, stored);
  const gone = stored ? !record || (record.ended && !memory.isAheadOf(record)) : store.foreign;
  if (!held || gone) {
    memory.forget();
    trip.obstacle ??= "logged-out";
    return true;
  }
  const other = record && !record.ended && record.tokens.refreshToken?.reveal() !== sent?.reveal();
  if (other && !memory.isSpent(record.tokens.refreshToken)) {
    if (trip.reborn) throw loginNeeded(trip, "refresh-token-rejected");
    trip.reborn = true;
    memory.hold(record, stored.generation);
    return false;
  }
  const dead = { reason: "refresh-token-rejected", at: new Date(setup.clock.now()) };
  const ended = { ...(other || !record || record.ended ? held.record : record), dead };
  let generation = stored?.generation;
  try {
    const written = await store.write(key, encodeRecord(ended), generation);
    if (written === undefined) return false; // somebody was faster
    generation = written;
  } catch (thrown) {
    setup.emit({ type: "warning", error: toAuthError(thrown, store.name) }); // this process knows all the same
  }
  trip.generation = generation;
  memory.hold(ended, generation);
  return true; // the next step is an exchange, if that needs no person
}

function locked<T>(
  trip: Trip,
  work: (lease: Lease) => Promise<T>,
  unless?: () => Promise<T | undefined>,
): Promise<T> {
  const { setup, flight, store, key } = trip;
  const options = { waitMs: setup.policy.lockWaitMs, signal: flight.signal, unless };
  return underLock(store, key, work, options, (thrown) => goWithout(trip, thrown));
}

async function bearably<T>(trip: Trip, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    goWithout(trip, thrown);
    return undefined;
  }
}

/** A store that is away stops whatever spends a refresh token (SEC-57); anything else goes on from memory. */
function goWithout(trip: Trip, thrown: unknown): void {
  const { setup, memory, flight } = trip;
  flight.signal.throwIfAborted();
  const error = toAuthError(thrown, trip.store.name);
  const { code, reason } = error;
  const { can } = memory.snapshot();
  const kept = can.refresh && memory.held?.generation; // the login is in there: another one is no substitute
  if (flight.login && reason === "store-corrupted") return; // a login replaces it
  const away =
    code === "ERR_AUTH_DENIED" ||
    code === "ERR_AUTH_UNAVAILABLE" || // it cannot work here, and will not
    (code === "ERR_AUTH_UNREACHABLE" && reason !== "lock-timeout");
  if (!away || flight.login || kept || !can.exchange || spends(trip, "exchange")) throw error;
  trip.store = nowhere;
  memory.lastFailure = { code, reason, at: new Date(setup.clock.now()) };
  const text = `${error.message} Until then tokens are kept in memory only.`;
  const { provider, cause } = error;
  setup.emit({ type: "warning", error: new AuthError(code, reason, text, { provider, cause }) });
}
