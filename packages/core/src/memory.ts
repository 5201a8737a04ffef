import type { Clock } from "./clock.ts";
import {
  type Action,
  decide,
  type Now,
  remaining,
  type Snapshot,
  type TokenTimes,
  windows,
} from "./decide.ts";
import type { AuthError } from "./errors.ts";
import type { TokenRecord } from "./record.ts";
import type { Setup } from "./setup.ts";
import type { TokenStore } from "./store.ts";
import type { AccessToken } from "./token.ts";

/** How long after a look at both clocks the wall clock alone is believed. */
const trustMs = 50;

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
  readonly generation?: string | undefined;
  /** The refresh token that was spent for it. */
  readonly sent?: string | undefined;
  /** Monotonic clock before it was asked for. */
  readonly startedAt: number;
  readonly work: Action;
}

/** All that one `Auth` knows in this process. */
export class Memory {
  // The hot path: 32 bits of the wall clock, so that both are small integers inside this object and cost no other cache line.
  seen = 0;
  trustMs = 0;
  served: Promise<AccessToken> | undefined;
  token: AccessToken | undefined;

  held: Held | undefined;
  /** The app's store, or the one made for it. */
  store: TokenStore | undefined;
  /** The place in the store, once known. */
  key: string | undefined;
  /** Counts logouts, so that a flight started before one does not bring the login back. */
  epoch = 0;
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
  readonly #clock: Clock;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#clock = setup.clock;
  }

  /** Has so little time passed since both clocks were looked at that nothing can have changed? */
  get fresh(): boolean {
    const since = ((this.#clock.now() | 0) - this.seen) | 0;
    return since > 0 && since < this.trustMs;
  }

  now(): Now {
    return { wall: this.#setup.clock.now(), monotonic: this.#setup.clock.monotonic() };
  }

  /** Takes a record over: an own answer (`startedAt`: monotonic clock before it was asked for), or what the store has. */
  hold(record: TokenRecord, generation: string | undefined, startedAt?: number): AccessToken {
    const { accessToken, refreshAfter } = record.tokens;
    const now = this.now();
    const obtainedAt = accessToken.obtainedAt?.getTime();
    const age = Math.max(0, now.wall - (obtainedAt ?? now.wall));
    const times = {
      expiresAt: accessToken.expiresAt?.getTime(),
      obtainedAt,
      // A wall clock that jumped during the request must not make the token older than the request.
      obtainedMonotonic:
        now.monotonic - (startedAt === undefined ? age : Math.min(age, now.monotonic - startedAt)),
      refreshAfter: refreshAfter?.getTime(),
      spread: this.#setup.clock.random(),
    };
    this.held = { record, generation: generation || undefined, times };
    this.token = accessToken;
    this.served = Promise.resolve(accessToken);
    // A server may answer with the text it had refused; another process's record of that text is no news.
    if (startedAt !== undefined) this.#rejected = undefined;
    this.#pausedUntil = undefined;
    this.trustMs = 0;
    // An answer that is due for renewal on arrival would be asked for again on every call.
    if (startedAt !== undefined && this.decide() !== "use")
      this.#pausedUntil = now.monotonic + this.#setup.policy.retryGapMs;
    return accessToken;
  }

  forget(): void {
    this.held = this.unsaved = this.token = this.served = undefined;
    this.trustMs = 0;
  }

  /** What is to be done now; arms the hot path if that is nothing. */
  decide(minTtlMs = 0): Action {
    const { policy } = this.#setup;
    const { held } = this;
    const now = this.now();
    // One caller's wish widens the hard window for that call alone.
    const wish = held && minTtlMs > windows(held.times, policy).hard ? { ...policy, minTtlMs } : policy;
    const action = decide(this.snapshot(), now, wish);
    if (action === "use" && held && minTtlMs === 0 && !((this.#pausedUntil ?? 0) > now.monotonic)) {
      this.seen = now.wall | 0;
      this.trustMs = Math.min(trustMs, remaining(held.times, now) - windows(held.times, policy).first) | 0;
    }
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
    this.trustMs = 0;
  }

  failed(error: AuthError): void {
    const now = this.now();
    const { code, reason, retryAfterMs = 0 } = error;
    this.lastFailure = { code, reason, at: new Date(now.wall) };
    this.#pausedUntil = now.monotonic + Math.max(this.#setup.policy.retryGapMs, retryAfterMs);
    if (retryAfterMs > 0) this.barred = { until: now.monotonic + retryAfterMs, error };
    this.trustMs = 0;
  }

  /** When the next window begins; `undefined` if there is nothing to renew, or only a person can. */
  renewalInMs(): number | undefined {
    const { held } = this;
    if (!held || this.decide() === "login-needed") return undefined;
    const now = this.now();
    const left = remaining(held.times, now) - windows(held.times, this.#setup.policy).first;
    return left === Number.POSITIVE_INFINITY
      ? undefined
      : Math.max(left, (this.#pausedUntil ?? 0) - now.monotonic, 0);
  }
}
