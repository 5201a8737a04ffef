import { checkGiven, checkTexts, checkTypes } from "./arguments.ts";

/** How requests are sent, as an app may set it. */
export interface HttpOptions {
  /** Origins that may be spoken to over http, for closed networks: `http://host:port`. A warning event says so. */
  readonly allowInsecureOrigins?: readonly string[];
  /**
   * Longest time of one attempt, connecting and body included (L1); at most 60000. Default 10000, ten seconds; what spends a
   * refresh token gets all the time that the call has left, by default 60000.
   */
  readonly timeoutMs?: number;
  /** Longest answer, counted after decompression (L2). Default 1048576, 1 MiB. */
  readonly maxResponseBytes?: number;
  /** How often a request is sent at most (L3). The defaults depend on what is sent. */
  readonly attempts?: AttemptLimits;
}

export interface AttemptLimits {
  /** After a failure that left the request unprocessed: no connection, 429, 503. Default 3. */
  readonly notProcessed?: number;
  /** After a failure that may have come too late: time-out, reset, 500, 502, 504. Default 3; refresh token 1; password 1. */
  readonly unknownOutcome?: number;
}

/** The same, checked. */
export interface Limits {
  readonly insecureOrigins: ReadonlySet<string>;
  /** Absent: by what is sent. */
  readonly timeoutMs: number | undefined;
  readonly maxResponseBytes: number;
  readonly attempts: AttemptLimits;
}

/** Checks them. Throws `TypeError` that names the option and does not quote the value. */
export function checkLimits(grant: string, options: HttpOptions): Limits {
  checkGiven(grant, options);
  checkTexts(grant, "allowInsecureOrigins", options.allowInsecureOrigins);
  checkTypes(grant, options, "object", "attempts");
  const insecureOrigins = new Set(options.allowInsecureOrigins);
  for (const origin of insecureOrigins)
    if (!/^http:\/\/[^*]+$/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new TypeError(
        `${grant}: allowInsecureOrigins holds something else than http origins (http://host or http://host:port)`,
      );
  const whole = (option: string, value: number, most: number): number => {
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new TypeError(`${grant}: ${option} must be a whole number from 1 to ${most}`);
  };
  for (const kind of ["notProcessed", "unknownOutcome"] as const)
    if (options.attempts?.[kind] !== undefined) whole(`attempts.${kind}`, options.attempts[kind], 10);
  return {
    insecureOrigins,
    timeoutMs: options.timeoutMs === undefined ? undefined : whole("timeoutMs", options.timeoutMs, 60_000),
    maxResponseBytes: whole("maxResponseBytes", options.maxResponseBytes ?? 1_048_576, 2 ** 31 - 1),
    attempts: options.attempts ?? {},
  };
}
