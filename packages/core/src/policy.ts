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
  /** Pause after a renewal failed while the token is still good (L8). Default 30000. */
  readonly retryGapMs: number;
  /** Longest wait of one call, lock included (L6). Default 60000. */
  readonly timeoutMs: number;
  /** Longest wait for the store's lock (L10). Default 30000. */
  readonly lockWaitMs: number;
  /** Hand out a token that could not be saved yet, with a warning (SEC-59). Default false. */
  readonly serveUnsaved: boolean;
}
