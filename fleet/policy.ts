/** A process of the fleet, as far as a refresh policy sees it. Times in ms since the fleet began to start. */
export interface Member {
  /** When it asked for a token for the first time; it asks again every `callEveryMs`. */
  readonly startedAt: number;
  readonly callEveryMs: number;
  obtainedAt: number;
  expiresAt: number;
  /** The share that this token's renewal is moved by, if the policy knows of such a thing. */
  spread: number;
  /** How often it got no answer since there was one, and when that began. */
  failures?: { readonly count: number; readonly since: number } | undefined;
  /** Chance, in [0, 1). */
  readonly random: () => number;
}

/** What a library does about a token that grows old. */
export interface Policy {
  readonly name: string;
  /** When it asks for the next token for the first time. */
  firstAt(member: Member): number;
  /** When it asks again, after it got no answer at `failedAt`. */
  nextAt(member: Member, failedAt: number): number;
  /** Whether a caller got an error at `failedAt`, because the request failed. */
  hurts(member: Member, failedAt: number): boolean;
}

/** The first call of the process at `time` or later. */
export function callAt({ startedAt, callEveryMs }: Member, time: number): number {
  return startedAt + Math.max(0, Math.ceil((time - startedAt) / callEveryMs)) * callEveryMs;
}

/** The first one after `time`. */
export function callAfter({ startedAt, callEveryMs }: Member, time: number): number {
  return startedAt + (Math.floor((time - startedAt) / callEveryMs) + 1) * callEveryMs;
}
