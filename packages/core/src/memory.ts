import {
  type Action,
  decide,
  longest,
  type Now,
  remaining,
  type Snapshot,
  type TokenTimes,
  windows,
} from "./decide.ts";
import type { AuthError } from "./errors.ts";
import type { Trust } from "./hot-path.ts";
import type { TokenRecord } from "./record.ts";
import type { Setup } from "./setup.ts";
import type { TokenStore } from "./store.ts";
import type { AccessToken } from "./token.ts";

/** A record, and where it stands in time and in the store. */
export interface Held {
  readonly record: TokenRecord;
  /** The store's mark of it; absent while it is in memory only. */
  readonly generation: string | undefined;
  readonly times: TokenTimes;
}

/** What a server answered, on its way into the store. */
export interface Answer {
  readonly record: TokenRecord;
  readonly key: string;
  readonly generation?: string | undefined;
  /** It holds a refresh token and nothing else that is new (SEC-32). */
  readonly salvaged?: boolean;
  /** Why it is not saved yet. */
  readonly error?: AuthError;
  /** The refresh token that was spent for it. */
  readonly sent?: string | undefined;
  /** The clocks before it was asked for. */
  readonly startedAt: Now;
  readonly work: Action;
}

/** All that one `Auth` knows in this process. */
export class Memory {
  /** The hot path's: no look at anything else until then. */
  trust: Trust = () => {};
  token: AccessToken | undefined;

  held: Held | undefined;
  /** The app's store, or the one made for it. */
  store: TokenStore | undefined;
  /** The place in the store, once known. */
  key: string | undefined;
  /** Flights counted so far, the last one before a logout, and the one that published last. */
  turns = 0;
  ended = 0;
  published = 0;
  /** The store would not take it: nothing else is sent before it is saved (SEC-59). */
  unsaved: Answer | undefined;
  lastFailure: { readonly code: AuthError["code"]; readonly reason: string; readonly at: Date } | undefined;
  /** The source's refresh token that the server refused, by digest: not sent again. */
  refused: string | undefined;
  #rejected: string | undefined;
  #pausedUntil: number | undefined;
  /** The server said when to come back (L5). */
  barred: { readonly until: number; readonly error: AuthError } | undefined;
  readonly #setup: Setup;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  now(): Now {
    return { wall: this.#setup.clock.now(), monotonic: this.#setup.clock.monotonic() };
  }

  /** Takes a record over: an own answer (`startedAt`: before it was asked for), or what the store has. */
  hold(record: TokenRecord, generation: string | undefined, startedAt?: Now): AccessToken {
    const { accessToken, refreshAfter } = record.tokens;
    const now = this.now();
    const obtainedAt = accessToken.obtainedAt?.getTime();
    // The grant says when it sent the request by the wall clock; the monotonic clock is to count from there as well. Where
    // the wall clock jumped meanwhile, the token is no older than the call, and no younger than what is stored says.
    const { wall, monotonic } = startedAt ?? { wall: now.wall, monotonic: Number.NEGATIVE_INFINITY };
    const sentAt = (startedAt ?? now).monotonic + (obtainedAt ?? wall) - wall;
    const times = {
      expiresAt: accessToken.expiresAt?.getTime(),
      obtainedAt,
      obtainedMonotonic: Math.min(Math.max(sentAt, monotonic), now.monotonic),
      refreshAfter: refreshAfter?.getTime(),
      spread: this.#setup.clock.random(),
    };
    this.held = { record, generation: generation || undefined, times };
    this.token = accessToken;
    // A server may answer with the text it had refused; another process's record of that text is no news.
    if (startedAt !== undefined) this.#rejected = undefined;
    this.#pausedUntil = undefined;
    this.trust();
    // An answer that is due for renewal on arrival would be asked for again on every call.
    if (startedAt !== undefined && this.decide() !== "use")
      this.#pausedUntil = now.monotonic + this.#setup.policy.retryGapMs;
    return accessToken;
  }

  forget(): void {
    this.held = this.token = undefined;
    this.trust();
  }

  /** What is to be done now; arms the hot path if that is nothing. */
  decide(minTtlMs = 0): Action {
    const { policy } = this.#setup;
    const { held } = this;
    const now = this.now();
    // One caller's wish widens the hard window for that call alone.
    const wish = held && minTtlMs > windows(held.times, policy).hard ? { ...policy, minTtlMs } : policy;
    const snapshot = this.snapshot();
    const action = decide(snapshot, now, wish);
    if (action === "use" && minTtlMs === 0) this.trust(now, this.#changesInMs(snapshot, now) - 1);
    return action;
  }

  snapshot(): Snapshot {
    const { grant, credentials } = this.#setup;
    const tokens = this.held?.record.tokens;
    const readable = !grant.accepts?.length || credentials !== undefined;
    return {
      token: this.held?.times,
      rejected: this.rejected,
      sessionExpiresAt: tokens?.sessionExpiresAt?.getTime(),
      pausedUntil: this.#pausedUntil,
      can: {
        refresh: grant.refresh !== undefined && tokens?.refreshToken !== undefined && !this.held?.record.dead,
        keepAlive: grant.keepAlive !== undefined && tokens !== undefined && !this.rejected,
        exchange:
          !grant.interactive && readable
            ? credentials?.interactive && grant.accepts?.length
              ? "attended"
              : "unattended"
            : false,
      },
    };
  }

  /** What may be served without waiting. */
  servable(): AccessToken | undefined {
    return this.decide().startsWith("use") ? this.token : undefined;
  }

  /** Not refused, not expired: may be served, if only as the last resort. */
  usable(): AccessToken | undefined {
    return this.held && !this.rejected && remaining(this.held.times, this.now()) > 0 ? this.token : undefined;
  }

  get rejected(): boolean {
    return this.#rejected !== undefined && this.#rejected === this.token?.reveal();
  }

  reject(): void {
    this.#rejected = this.token?.reveal();
    this.#pausedUntil = undefined;
    this.trust();
  }

  /** `login`: a failed login is no reason to put off the renewal of what there is. */
  failed(error: AuthError, login: boolean): void {
    const { wall, monotonic } = this.now();
    const { code, reason, retryAfterMs = 0 } = error;
    const barMs = Math.min(retryAfterMs, longest);
    this.lastFailure = { code, reason, at: new Date(wall) };
    if (!login) this.#pausedUntil = monotonic + Math.max(this.#setup.policy.retryGapMs, barMs);
    // A known answer, given again, does not move the bar.
    if (barMs > 0 && monotonic + barMs > (this.barred?.until ?? 0))
      this.barred = { until: monotonic + barMs, error };
    this.trust();
  }

  /** In how many ms `decide` says something else than "use". */
  #changesInMs(snapshot: Snapshot, { wall, monotonic }: Now): number {
    const { token, pausedUntil = 0 } = snapshot;
    if (!token) return 0;
    const { policy } = this.#setup;
    const left = remaining(token, { wall, monotonic });
    const { early, hard, from } = windows(token, policy);
    const hint = (token.refreshAfter ?? Number.POSITIVE_INFINITY) - wall;
    // The instants at which it may: it is asked about each, so that its rules stand in one place.
    const instants = [0, pausedUntil - monotonic, left - from + 1, left - early, left - hard, left, hint];
    // In whole ms: the sum of fractions may fall short of the instant.
    const due = (ms: number): boolean =>
      ms >= 0 && decide(snapshot, { wall: wall + ms, monotonic: monotonic + ms }, policy) !== "use";
    return (
      instants
        .map(Math.ceil)
        .sort((a, b) => a - b)
        .find(due) ?? Number.POSITIVE_INFINITY
    );
  }

  /** When there is something to do; `undefined` if never. */
  renewalInMs(): number | undefined {
    const ms = this.#changesInMs(this.snapshot(), this.now());
    return this.held && ms < longest ? ms : undefined;
  }
}
