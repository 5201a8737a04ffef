/** When to renew and how long to wait. All times in ms. Windows set by hand are capped at half of a known lifetime. */
export interface TokenPolicy {
  /** Early window: from here on a token is served and renewed behind the callers. Default min(300000, ½ lifetime); 0: none. */
  readonly refreshAheadMs: number;
  /** Hard window: from here on callers wait for the renewal. Default min(30000, ¼ lifetime). */
  readonly minTtlMs: number;
  /** Remaining time in which the grant's `keepAlive` extends the token: less than `fromMs`, at least `toMs`. */
  readonly keepAliveWindow: { readonly fromMs: number; readonly toMs: number };
  /** Renew with nobody asking, by one background timer. Default false. */
  readonly renewWhenIdle: boolean;
  /**
   * Pause after a renewal ahead of time failed; it ends where the hard window, or a caller's `minTtlMs`, begins (L8). A new token
   * that is refused within it is not replaced at once again. Default 30000.
   */
  readonly retryGapMs: number;
  /**
   * Pause after a failed try to get a token: `firstMs` · 2ⁿ, half of it fixed and half by chance, at most `maxMs`, and at most
   * `longMs` once that goes on for more than a minute (L15). Callers with nothing usable get the known error meanwhile; a
   * refusal counts as four. Default 1000, 8000, 30000; 0: none.
   */
  readonly failurePause: { readonly firstMs: number; readonly maxMs: number; readonly longMs: number };
  /**
   * How long an `Auth` must have lived, and been asked again, before it spends a refresh token behind its callers: a program that
   * ends in the middle of that loses the login (SEC-64). Default 60000; 0, for a server: at once.
   */
  readonly settledAfterMs: number;
  /** Longest wait of one call, lock included (L6). Default 60000. */
  readonly timeoutMs: number;
  /** Longest wait for the store's lock (L10). Default 30000. */
  readonly lockWaitMs: number;
  /** Hand out a token that could not be saved yet, with a warning (SEC-59). Default false. */
  readonly serveUnsaved: boolean;
}
