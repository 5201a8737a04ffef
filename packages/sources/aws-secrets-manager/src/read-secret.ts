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
}

/** L5: a store that wants us back later than this is not waited for. */
const longestPauseMs = 30_000;

/** Asks for the secret, and again where that can help: a read spends nothing (L3, L4). */
export async function readSecret(
  transport: Transport,
  request: SecretRequest,
  { name, attempts, timeoutMs, clock, fresh }: Rules,
): Promise<SecretValue> {
  for (let tries = 1; ; tries++) {
    try {
      return await within(timeoutMs, clock, (signal) => transport.read(request, { signal, fresh }));
    } catch (thrown) {
      const error = toAuthError(thrown, name, request);
      const pause = error.retryAfterMs ?? 0;
      const again = isAuthError(error, "ERR_AUTH_UNREACHABLE") || clockWasOff(thrown);
      if (!again || tries >= attempts || pause > longestPauseMs) throw error;
      await clock.sleep(pause + clock.random() * Math.min(5_000, 200 * 2 ** (tries - 1)));
    }
  }
}

/** The SDK has learned AWS's time from the refusal, and signs the next request with it. */
function clockWasOff(thrown: unknown): boolean {
  const { $metadata } = Object(thrown) as { $metadata?: { clockSkewCorrected?: unknown } };
  return $metadata?.clockSkewCorrected === true;
}
