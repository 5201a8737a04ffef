import type { TokenPolicy } from "./policy.ts";

/** What to do next about a token. The rules in words: spec/lifecycle.md. */
export type Action = "use" | "use-and-refresh" | "keep-alive" | "refresh" | "exchange" | "login-needed";

/** The two clocks, read together. */
export interface Now {
  readonly wall: number;
  readonly monotonic: number;
}

/** What is known of one token, in ms. */
export interface TokenTimes {
  readonly expiresAt?: number | undefined;
  /** Wall clock when the request that brought it was sent. */
  readonly obtainedAt?: number | undefined;
  /** Monotonic clock at the same instant. */
  readonly obtainedMonotonic?: number | undefined;
  /** The server's wish when to renew. */
  readonly refreshAfter?: number | undefined;
  /** Random share in [0, 1), drawn once for each token: spreads a fleet's renewals. */
  readonly spread: number;
}

export interface Snapshot {
  readonly token?: TokenTimes | undefined;
  /** A server refused the token. */
  readonly rejected?: boolean;
  /** When only a person can go on. */
  readonly sessionExpiresAt?: number | undefined;
  /** Monotonic instant before which nothing is asked for again: the last try failed (L15), or the server said so (L5). */
  readonly barredUntil?: number | undefined;
  /** Monotonic instant before which a failed renewal is not tried again ahead of time (L8). */
  readonly pausedUntil?: number | undefined;
  /** The renewal spends a refresh token, and the process may end any moment: nothing of that kind behind the callers. */
  readonly young?: boolean;
  readonly can: {
    readonly refresh: boolean;
    readonly keepAlive: boolean;
    /** `attended`: only while a caller waits, because a person may be asked. */
    readonly exchange: "unattended" | "attended" | false;
  };
}

const forever = Number.POSITIVE_INFINITY;

/** Longest lifetime that is believed (L9). */
export const longest: number = 365 * 86_400_000;

/** Decides what a `getToken` does now. Pure: no clock, no randomness, no I/O. */
export function decide(snapshot: Snapshot, now: Now, policy: Partial<TokenPolicy>): Action {
  const { token, can, barredUntil = -forever, pausedUntil = -forever, sessionExpiresAt } = snapshot;
  const sessionOver = sessionExpiresAt !== undefined && now.wall >= sessionExpiresAt;
  const renewal = can.refresh && !sessionOver ? "refresh" : can.exchange ? "exchange" : "login-needed";
  if (!token || snapshot.rejected) return renewal; // 1

  const left = remaining(token, now);
  if (left <= 0) return renewal; // 2
  if (now.monotonic < barredUntil) return "use"; // 3

  const { early, hard, from, to } = windows(token, policy);
  const paused = now.monotonic < pausedUntil;
  // 4
  if (!paused && can.keepAlive && !sessionOver && left < from && left >= to) return "keep-alive";
  // 5
  if (left <= hard || setBack(token, now)) return renewal === "login-needed" ? "use" : renewal;
  // 6
  const hinted = token.expiresAt === undefined && now.wall >= (token.refreshAfter ?? forever);
  const alone = renewal === "refresh" || (renewal === "exchange" && can.exchange === "unattended");
  if (!paused && alone && (left <= early || hinted)) {
    if (!snapshot.young) return "use-and-refresh";
    // What the server wishes for, it has its reasons for.
    if (left <= early / 2 || token.refreshAfter !== undefined) return renewal; // 7
  }
  return "use"; // 8
}

/** Time left by the clock that leaves less: the wall clock knows of suspension, the monotonic one of a clock set back. */
export function remaining(token: TokenTimes, now: Now): number {
  const { expiresAt = forever, obtainedMonotonic = forever } = token;
  return Math.min(expiresAt - now.wall, lifetimeOf(token) + obtainedMonotonic - now.monotonic);
}

/** Where each window begins, as time left; capped so that short lifetimes are not renewed on every call. */
export function windows(
  token: TokenTimes,
  policy: Partial<TokenPolicy>,
): { early: number; hard: number; from: number; to: number } {
  const lifetime = lifetimeOf(token);
  const half = lifetime / 2;
  const hard = Math.min(policy.minTtlMs ?? Math.min(30_000, half / 2), half);
  const ahead = Math.min(policy.refreshAheadMs ?? 300_000, half);
  const spread = ahead > 0 && lifetime < forever ? token.spread * (lifetime / 4) : 0;
  const { expiresAt = forever, refreshAfter = forever } = token;
  const hinted = expiresAt < forever && refreshAfter < forever;
  const { fromMs = 0, toMs = 0 } = policy.keepAliveWindow ?? {};
  const early = hinted ? expiresAt - refreshAfter : ahead + spread;
  return { early, hard, from: Math.min(fromMs, half), to: toMs };
}

function lifetimeOf({ expiresAt, obtainedAt }: TokenTimes): number {
  return expiresAt === undefined || obtainedAt === undefined
    ? forever
    : Math.min(expiresAt - obtainedAt, longest);
}

/** The wall clock stands before the token was obtained, so what it says of the expiry is worth nothing (SEC-50). */
function setBack(token: TokenTimes, now: Now): boolean {
  return token.expiresAt !== undefined && now.wall < (token.obtainedAt ?? -forever) - 60_000;
}
