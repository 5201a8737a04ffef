import type { GrantContext } from "@auth/core";
import { attempt, type Send } from "./attempt.ts";
import { noTime } from "./failures.ts";
import type { AttemptLimits, Limits } from "./limits.ts";
import { counting, timeLeftMs } from "./time-left.ts";

/** Who sends, and within which limits. */
export interface Transport extends Limits {
  /** The grant's name: `client-credentials https://idp.example`. */
  readonly name: string;
  /** For servers with their own way of asking for a pause: how many ms an answer outside of 2xx wants us to wait. */
  readonly comeBackMs?: ComeBackMs;
  /** For servers whose clients wait longer between two tries than up to 0.2, 0.4, 0.8 … s; `random` is in [0, 1). */
  readonly pauseMs?: PauseMs;
}

export type PauseMs = (tries: number, random: number) => number;

export type ComeBackMs = (
  status: number,
  headers: Headers,
  retryAfterMs: number | undefined,
) => number | undefined;

/** One request, and how often it may be sent. */
export interface Call {
  /** For messages: `token endpoint`. */
  readonly endpoint: string;
  /** `freely`: it spends nothing. `refresh`: it may spend a rotating token. `once`: the server may count tries. `never`: the caller repeats it. */
  readonly repeat: "freely" | "refresh" | "once" | "never";
  /** Builds the request anew for each attempt, since a client assertion is good for one, and sends it. */
  readonly request: (send: Send) => Promise<Response>;
  /** What of the request nobody may see in an error. Default: what `secretsIn` finds. */
  readonly secrets?: readonly string[];
}

/** What the server said: anything but a redirect, 429 or 5xx. */
export interface Answer {
  readonly endpoint: string;
  readonly origin: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
  /** Wall clock when the request left: a lifetime counts from here. */
  readonly sentAt: number;
  /** How far our wall clock is ahead of the server's, in ms, where its `Date` tells; behind it is negative. */
  readonly aheadMs?: number | undefined;
  /** What the request held that nobody may see in an error. */
  readonly secrets: readonly string[];
}

/** L3: how many attempts there are, by what is sent and how it failed. */
const limits: Readonly<Record<Call["repeat"], Required<AttemptLimits>>> = {
  freely: { notProcessed: 3, unknownOutcome: 3 },
  refresh: { notProcessed: 3, unknownOutcome: 1 },
  once: { notProcessed: 3, unknownOutcome: 1 },
  never: { notProcessed: 1, unknownOutcome: 1 },
};

const usualPauseMs: PauseMs = (tries, random) => random * Math.min(5_000, 200 * 2 ** (tries - 1));

/** L1, where the app says nothing. */
const usualAttemptMs = 10_000;
/** L5: a server that wants us back later than this is not waited for. */
export const longestPauseMs = 30_000;

/**
 * Sends a request and, where that can do no harm, sends it again (L3–L5).
 *
 * Errors: `ERR_AUTH_UNREACHABLE` (`timeout`, `network`, `rate-limited`, `server-error`), `ERR_AUTH_INVALID`
 * (`insecure-transport`, `redirect`, `response-too-large`); the context's signal ends it with its own reason.
 */
export async function send(call: Call, transport: Transport, context: GrantContext): Promise<Answer> {
  const { clock, signal } = context;
  const now = counting(context);
  const most = { ...limits[call.repeat], ...(call.repeat !== "never" && transport.attempts) };
  for (let tries = 1; ; tries++) {
    signal.throwIfAborted();
    const left = timeLeftMs(now());
    if (left <= 0) throw noTime(transport.name, call.endpoint);
    const result = await attempt(call, transport, context, limitMs(call, transport, left));
    if (!("error" in result)) return result;
    const { kind, error } = result;
    const asked = error.retryAfterMs ?? 0;
    const pause = asked + (transport.pauseMs ?? usualPauseMs)(tries, clock.random());
    const again = kind !== "final" && context.attempts !== "one" && tries < most[kind];
    if (!again || asked > longestPauseMs || pause >= timeLeftMs(now())) throw error;
    await clock.sleep(pause, { signal });
  }
}

/**
 * How long one attempt may take. A refresh token that was sent may be spent whatever we do, so its request gets all the time
 * there is: giving up early would lose the login to a server that is merely slow.
 */
function limitMs({ repeat }: Call, { timeoutMs }: Transport, left: number): number {
  return Math.min(timeoutMs ?? (repeat === "refresh" ? left : usualAttemptMs), left);
}
