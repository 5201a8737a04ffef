import { type Clock, isAuthError } from "@auth/core";
import { toAuthError } from "./to-auth-error.ts";
import type { SecretRequest, SecretValue, Transport } from "./transport.ts";
import { within } from "./within.ts";

interface Rules {
  readonly name: string;
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fresh: boolean;
  /** Nobody wants the secret any more. */
  readonly ended: AbortSignal;
}

/** L5: a store that wants us back later than this is not waited for. L6: all attempts and pauses together. */
const [longestPauseMs, longestReadMs] = [30_000, 60_000];

/** Asks for the secret, and again where that can help: a read spends nothing (L3, L4). */
export async function readSecret(
  transport: Transport,
  request: SecretRequest,
  { name, attempts, timeoutMs, fresh, ...rules }: Rules,
): Promise<SecretValue> {
  const { clock, ended } = rules;
  const end = clock.monotonic() + longestReadMs;
  for (let tries = 1; ; tries++) {
    ended.throwIfAborted();
    try {
      const left = Math.min(timeoutMs, end - clock.monotonic());
      return await within(left, rules, (signal) => transport.read(request, { signal, fresh }));
    } catch (thrown) {
      const error = toAuthError(thrown, name, request, transport.networkNote?.());
      const away = isAuthError(error, "ERR_AUTH_UNREACHABLE") && error.reason !== "no-identity"; // the SDK repeats sign-ins
      const again = away || clockWasOff(thrown);
      const asked = error.retryAfterMs ?? 0;
      const pause = asked + clock.random() * Math.min(5_000, 200 * 2 ** (tries - 1));
      if (!again || tries >= attempts || asked > longestPauseMs || clock.monotonic() + pause >= end)
        throw error;
      await clock.sleep(pause, { signal: ended });
    }
  }
}

/** The SDK has learned AWS's time from the refusal, and signs the next request with it. */
function clockWasOff(thrown: unknown): boolean {
  const { $metadata } = Object(thrown) as { $metadata?: { clockSkewCorrected?: unknown } };
  return $metadata?.clockSkewCorrected === true;
}
