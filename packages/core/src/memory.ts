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
import { AuthError, type AuthErrorCode } from "./errors.ts";
import type { Trust } from "./hot-path.ts";
import type { TokenRecord } from "./record.ts";
import type { Setup } from "./setup.ts";
import type { TokenStore } from "./store.ts";
import type { AccessToken } from "./token.ts";

/** What costs nobody anything to find out again. */
const harmless: ReadonlySet<AuthErrorCode> = new Set([
  "ERR_AUTH_NOT_FOUND",
  "ERR_AUTH_UNAVAILABLE",
  "ERR_AUTH_EXHAUSTED",
  "ERR_AUTH_INTERACTION_REQUIRED",
]);

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
  /** The order of the record that it follows. */
  readonly after?: number | undefined;
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
  /** The place in the store, once known, and what the grant says of whose login that is. */
  key: string | undefined;
  partition: string | undefined;
  /** Flights counted so far, the last one before a logout, and the one that published last. */
  turns = 0;
  ended = 0;
  published = 0;
  /** Calls so far that did not take the quick way. */
  asked = 0;
  /** The greatest order of a record seen so far. */
  seen = 0;
  /** The `Auth` was disposed of. */
  gone = false;
  /** The store would not take it: nothing else is sent before it is saved (SEC-59). */
  unsaved: Answer | undefined;
  /** The wait for the next try to save: `hurry` ends it, and `tried` tells of a try that failed. */
  saving: { readonly hurry: () => void; readonly tried: PromiseWithResolvers<void> } | undefined;
  lastFailure: { readonly code: AuthError["code"]; readonly reason: string; readonly at: Date } | undefined;
  /** The source's refresh token that the server refused, by digest: not sent again. */
  refused: string | undefined;
  #rejected: string | undefined;
  /** The token came in place of one that was refused. */
  #replacement = false;
  #pausedUntil: number | undefined;
  #barredUntil: number | undefined;
  /** Failures since the last success, and since when (L15). */
  #failures:
    | { readonly count: number; readonly since: number; readonly error?: AuthError | undefined }
    | undefined;
  /** Refresh tokens known to be spent: never to be sent again, whatever a store says (SEC-53). */
  readonly #spent = new Set<string>();
  /** Whose credential bought the token, where the source can tell. */
  #boughtFor: string | undefined;
  readonly #bornAt: number;
  readonly #setup: Setup;

  constructor(setup: Setup, bornAt: number = setup.clock.monotonic()) {
    this.#setup = setup;
    this.#bornAt = bornAt;
  }

  /** Another look at what is stored, for a process of the same age. */
  beside(): Memory {
    const other = new Memory(this.#setup, this.#bornAt);
    other.asked = 1; // how old it will be then is what counts
    return other;
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
    const { refreshToken } = this.held?.record.tokens ?? {};
    // Its successor is here. (Its server may leave it alive; then nobody needs it.)
    if (
      record.tokens.refreshToken &&
      refreshToken &&
      refreshToken.reveal() !== record.tokens.refreshToken.reveal()
    )
      this.spend(refreshToken.reveal());
    this.#replacement = this.rejected;
    this.held = { record, generation: generation || undefined, times };
    this.token = accessToken;
    this.see(record);
    this.#boughtFor = record.bought?.account ?? this.#setup.credentials?.account;
    // A server may answer with the text it had refused; another process's record of that text is no news.
    if (startedAt !== undefined) this.#rejected = undefined;
    this.#pausedUntil = this.#barredUntil = this.#failures = undefined;
    this.trust();
    // An answer that is due for renewal on arrival would be asked for again on every call.
    if (startedAt !== undefined && this.decide() !== "use")
      this.#pausedUntil = this.#barredUntil = now.monotonic + this.#setup.policy.retryGapMs;
    return accessToken;
  }

  forget(): void {
    this.held = this.token = undefined;
    this.trust();
  }

  /** Notes how far the records have come. */
  see({ order = 0 }: TokenRecord): void {
    this.seen = Math.max(this.seen, order);
  }

  /** The order of the next record: of two, the one written later has the greater one, also where a clock lags behind. */
  nextOrder(): number {
    return Math.max(Math.floor(this.#setup.clock.now()), this.seen + 1);
  }

  spend(refreshToken: string): void {
    this.#spent.add(refreshToken);
    if (this.#spent.size > 1_000) for (const oldest of this.#spent) return void this.#spent.delete(oldest);
  }

  isSpent(refreshToken: { reveal(): string } | undefined): boolean {
    return refreshToken !== undefined && this.#spent.has(refreshToken.reveal());
  }

  /** Is what we hold later than that record of the store? Then the store has gone back (SEC-53). */
  isAheadOf({ order, tokens, ended }: TokenRecord): boolean {
    const { held } = this;
    if (this.isSpent(tokens.refreshToken)) return true;
    if (!held) return false;
    const mine = held.record.order;
    if (mine !== undefined && order !== undefined) return mine > order;
    // Without an order there is only what one process knows: what it holds unsaved may be newer than what is stored.
    if (ended || held.generation) return false;
    return (held.times.obtainedAt ?? 0) >= (tokens.accessToken.obtainedAt?.getTime() ?? 0);
  }

  /** The source is somebody else's than what stands there was bought for. */
  isOthers({ bought }: TokenRecord): boolean {
    const now = this.#setup.credentials?.account;
    return now !== undefined && bought?.account !== undefined && now !== bought.account;
  }

  /** The source is somebody else's now, and what was bought for the one before is not to be used. */
  #hasChangedHands(): boolean {
    const now = this.#setup.credentials?.account;
    return (
      this.held !== undefined && now !== undefined && this.#boughtFor !== undefined && now !== this.#boughtFor
    );
  }

  /** What is to be done now; arms the hot path if that is nothing. */
  decide(minTtlMs = 0): Action {
    const { policy } = this.#setup;
    if (this.#hasChangedHands()) this.forget();
    const { held } = this;
    const now = this.now();
    // One caller's wish widens the hard window for that call alone.
    const wish = held && minTtlMs > windows(held.times, policy).hard ? { ...policy, minTtlMs } : policy;
    const snapshot = this.snapshot();
    const action = decide(snapshot, now, wish);
    // Whoever may change hands is looked at each time.
    if (action === "use" && minTtlMs === 0 && this.#boughtFor === undefined)
      this.trust(now, this.#changesInMs(snapshot, now) - 1);
    return action;
  }

  snapshot(): Snapshot {
    const { grant, credentials } = this.#setup;
    const tokens = this.held?.record.tokens;
    const readable = !grant.accepts?.length || credentials !== undefined;
    const refresh =
      grant.refresh !== undefined &&
      tokens?.refreshToken !== undefined &&
      !this.held?.record.dead &&
      !this.isSpent(tokens.refreshToken);
    const exchange =
      !grant.interactive && readable
        ? credentials?.interactive && grant.accepts?.length
          ? "attended"
          : "unattended"
        : false;
    const spends = refresh || (exchange !== false && grant.accepts?.includes("refresh-token") === true);
    return {
      token: this.held?.times,
      rejected: this.rejected,
      sessionExpiresAt: tokens?.sessionExpiresAt?.getTime(),
      pausedUntil: this.#pausedUntil,
      barredUntil: this.#barredUntil,
      young: spends && !this.#settled,
      can: {
        refresh,
        keepAlive: grant.keepAlive !== undefined && tokens !== undefined && !this.rejected,
        exchange,
      },
    };
  }

  /** Not a program that makes a call or two and ends, as far as one can tell (SEC-64). */
  get #settled(): boolean {
    const { clock, policy } = this.#setup;
    const again = this.asked > 0 || policy.renewWhenIdle === true;
    return (
      policy.settledAfterMs === 0 || (again && clock.monotonic() - this.#bornAt >= policy.settledAfterMs)
    );
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

  /** The server refused the token. False: it came in place of a refused one just now, and another would fare no better (L8). */
  reject(): boolean {
    const { wall, monotonic } = this.now();
    const age = monotonic - (this.held?.times.obtainedMonotonic ?? Number.NEGATIVE_INFINITY);
    if (this.#replacement && age < this.#setup.policy.retryGapMs) {
      this.lastFailure = { code: "ERR_AUTH_GRANT", reason: "new-token-refused", at: new Date(wall) };
      return false;
    }
    this.#rejected = this.token?.reveal();
    this.#pausedUntil = this.#barredUntil = undefined;
    this.trust();
    return true;
  }

  /** A flight failed. `asked`: while a source or a server was asked; `login`: for a person, and no reason to put anything off. */
  failed(error: AuthError, { asked, login }: { readonly asked?: boolean; readonly login?: unknown }): void {
    const { clock, policy } = this.#setup;
    const { wall, monotonic } = this.now();
    const { code, reason, retryAfterMs = 0 } = error;
    this.lastFailure = { code, reason, at: new Date(wall) };
    const told = retryAfterMs > 0 ? Math.min(retryAfterMs, longest) : 0;
    // What the server asked of one is meant for all.
    if (login && told > 0) {
      this.#failures = { count: 1, since: monotonic, error };
      this.#barredUntil = monotonic + told;
      this.trust();
    }
    if (login) return;
    this.#pausedUntil = monotonic + Math.max(policy.retryGapMs, told);
    const known = asked && !harmless.has(code);
    if (known || this.usable()) {
      const { count = 0, since = monotonic } = this.#failures ?? {};
      // A refusal will hardly be another answer soon, and is counted against us by the server: at once the longest pause.
      const failures = count + (code === "ERR_AUTH_GRANT" ? 4 : 1);
      const { firstMs, maxMs, longMs } = policy.failurePause;
      const most = monotonic - since > 60_000 ? longMs : maxMs;
      const full = Math.min(most, firstMs * 2 ** Math.min(failures - 1, 30));
      const pause = full / 2 + clock.random() * (full / 2);
      this.#failures = { count: failures, since, error: known ? error : undefined };
      this.#barredUntil = monotonic + Math.max(pause, told);
    }
    this.trust();
  }

  /** It has failed lately, so requests are not repeated: one has to do. */
  get failing(): boolean {
    return this.#failures !== undefined;
  }

  /** The secret was refused: whoever reads it again reads past the source's cache. */
  get secretRefused(): boolean {
    return this.#failures?.error?.code === "ERR_AUTH_GRANT";
  }

  /** Until when nothing is asked for again, as things stand. */
  get barredUntil(): Date | undefined {
    const { wall, monotonic } = this.now();
    const ms = (this.#barredUntil ?? 0) - monotonic;
    return this.#failures?.error && ms > 0 ? new Date(wall + ms) : undefined;
  }

  /** What a call with nothing usable would only be told again. */
  knownFailure(): AuthError | undefined {
    const { monotonic } = this.now();
    const retryAfterMs = (this.#barredUntil ?? 0) - monotonic;
    const error = this.#failures?.error;
    if (!error || retryAfterMs <= 0 || this.unsaved || this.#hasChangedHands()) return undefined;
    const { code, reason, message, ...shown } = error;
    return new AuthError(code, reason, message, {
      ...shown,
      cause: error.cause,
      retryAfterMs: Math.min(Math.ceil(retryAfterMs), 3_600_000),
    });
  }

  /** In how many ms `decide` says something else than "use". */
  #changesInMs(snapshot: Snapshot, { wall, monotonic }: Now): number {
    const { token, pausedUntil = 0, barredUntil = 0 } = snapshot;
    if (!token) return 0;
    const { policy } = this.#setup;
    const settled = this.#bornAt + policy.settledAfterMs - monotonic;
    const left = remaining(token, { wall, monotonic });
    const { early, hard, from } = windows(token, policy);
    const hint = (token.refreshAfter ?? Number.POSITIVE_INFINITY) - wall;
    // The instants at which it may: it is asked about each, so that its rules stand in one place.
    const instants = [
      0,
      pausedUntil - monotonic,
      barredUntil - monotonic,
      settled,
      left - from + 1,
      left - early,
      left - early / 2,
      left - hard,
      left,
      hint,
    ];
    // In whole ms: the sum of fractions may fall short of the instant.
    const due = (ms: number): boolean =>
      ms >= 0 &&
      decide(
        { ...snapshot, young: snapshot.young === true && ms < settled },
        { wall: wall + ms, monotonic: monotonic + ms },
        policy,
      ) !== "use";
    return (
      instants
        .map(Math.ceil)
        .sort((a, b) => a - b)
        .find(due) ?? Number.POSITIVE_INFINITY
    );
  }

  /** When there is something to do; `undefined` if never. */
  renewalInMs(): number | undefined {
    const now = this.now();
    const ms = Math.max(this.#changesInMs(this.snapshot(), now), (this.#barredUntil ?? 0) - now.monotonic);
    return this.held && ms < longest ? ms : undefined;
  }

  /** The same for `renewWhenIdle`: not in a young process, and with a pause where there is nothing to lose by it. */
  idleMs(failedAt: number): number | undefined {
    const due = this.renewalInMs();
    if (due === undefined) return undefined;
    const { settledAfterMs, retryGapMs } = this.#setup.policy;
    const { monotonic } = this.now();
    const settled = this.snapshot().young ? this.#bornAt + settledAfterMs - monotonic : 0;
    return Math.max(due, settled, this.usable() ? 0 : failedAt + retryGapMs - monotonic);
  }

  /** Whose login is in hand; "" after a logout. */
  get account(): string | undefined {
    const { held } = this;
    if (!held) return this.ended > 0 ? "" : undefined;
    const { partition = this.partition, login } = held.record;
    return partition === undefined || login === undefined ? partition : `${partition} login ${login}`;
  }
}
