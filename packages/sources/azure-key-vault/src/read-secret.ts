import { AuthError, type Clock } from "@auth/core";
import { failureFacts } from "./failure-facts.ts";
import { guardWire } from "./guard-wire.ts";
import { loadFailure } from "./load-failure.ts";
import { type SignInRules, signIn } from "./sign-in.ts";
import { type ReadPlace, toAuthError } from "./to-auth-error.ts";
import { isSignInFailure, toSignInError } from "./to-sign-in-error.ts";
import { untilAborted } from "./until-aborted.ts";
import type { AzureKeyVaultClient, AzureSecret } from "./vault-client.ts";

export interface ReadRules extends Pick<SignInRules, "credential" | "identity"> {
  readonly place: ReadPlace;
  readonly client: AzureKeyVaultClient | undefined;
  readonly clock: Clock;
  /** One HTTP attempt, in ms (L1). */
  readonly timeoutMs: number;
  /** How long after a good answer a failure costs nobody anything, because the old value is still served, in ms. */
  readonly servedMs: number;
  /** A read has failed that costs nobody anything. */
  readonly onStale: (error: AuthError) => void;
}

export interface SecretReader {
  read(forced: boolean): Promise<AzureSecret>;
  dispose(): void;
}

/** L2, L3, L4, L5, L6 and L8. */
const limits = {
  bytes: 1_048_576,
  attempts: 3,
  backoffMs: (attempt: number) => Math.min(5_000, 200 * 2 ** attempt),
  retryAfterMs: 30_000,
  totalMs: 60_000,
  gapMs: 30_000,
};

/** Reads one secret. The SDK, and `@azure/identity` if it is needed, are loaded on the first read. */
export function secretReader(rules: ReadRules): SecretReader {
  const { place, client: own, clock, timeoutMs, servedMs, credential, identity } = rules;
  const { source } = place;
  let life = new AbortController();
  let connection: Promise<AzureKeyVaultClient> | undefined;
  let answered = false;
  let answeredAt = Number.NEGATIVE_INFINITY;
  /** The vault's last word after a good answer: denied, disabled, deleted. What was read before must not come back. */
  let refused: AuthError | undefined;
  let pause: { readonly until: number; readonly asked: boolean; readonly error: AuthError } | undefined;

  function connect(renewAt?: number): Promise<AzureKeyVaultClient> {
    const { signal } = life;
    const made = (async (): Promise<AzureKeyVaultClient> => {
      const [signedIn, { SecretClient }] = await Promise.all([
        signIn({ place, credential, identity, signal, renewAt }),
        import("@azure/keyvault-secrets").catch((thrown: unknown) => {
          throw loadFailure(thrown, "@azure/keyvault-secrets", source, "");
        }),
      ]);
      // The challenge check is left on; retries are ours, since Azure's would wait for any Retry-After, however long.
      return new SecretClient(place.vaultUrl as string, signedIn, {
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        additionalPolicies: [
          { policy: guardWire({ source, timeoutMs, maxBytes: limits.bytes }), position: "perRetry" },
        ],
      });
    })();
    connection = made;
    made.catch(() => {
      if (connection === made) connection = undefined; // a failed attempt to connect is not kept
    });
    return made;
  }

  async function ask(client: AzureKeyVaultClient | Promise<AzureKeyVaultClient>, signal: AbortSignal) {
    const { name, version } = place;
    return (await client).getSecret(name, {
      abortSignal: signal,
      ...(version !== undefined && { version }),
    });
  }

  /** One read. A token that is refused in the middle of its life is sent by the SDK again and again, so it is replaced here. */
  async function once(signal: AbortSignal): Promise<AzureSecret> {
    if (own)
      return ask(own, signal).catch((thrown: unknown) => {
        throw isSignInFailure(thrown, place.vaultUrl) ? toSignInError(thrown, place) : thrown;
      });
    try {
      return await ask(connection ?? connect(), signal);
    } catch (thrown) {
      if (failureFacts(thrown).status !== 401) throw thrown;
      try {
        return await ask(connect(clock.now()), signal);
      } catch (again) {
        const error = toAuthError(again, place, clock.now());
        // A credential that has no new token to give leaves the refusal as it is.
        throw error.code === "ERR_AUTH_UNREACHABLE" || error.code === "ERR_AUTH_DENIED" ? error : thrown;
      }
    }
  }

  async function attempts(patient: boolean, signal: AbortSignal): Promise<AzureSecret> {
    const deadline = clock.monotonic() + limits.totalMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(signal);
      } catch (thrown) {
        const error = toAuthError(thrown, place, clock.now());
        const askedMs = error.retryAfterMs ?? 0;
        const waitMs = Math.max(askedMs, clock.random() * limits.backoffMs(attempt));
        // A client of the app's own has retries of its own.
        const again = patient && !own && error.retryable && !lacksLogin(error) && attempt < limits.attempts;
        if (!again || askedMs > limits.retryAfterMs || clock.monotonic() + waitMs >= deadline) throw error;
        await clock.sleep(waitMs, { signal });
      }
    }
  }

  /** All attempts together, within L6 and this reader's life. */
  async function bounded(patient: boolean): Promise<AzureSecret> {
    const stop = new AbortController();
    const { signal: alive } = life;
    const end = (): void =>
      stop.abort(
        new AuthError("ERR_AUTH_UNAVAILABLE", "disposed", `${source}: was disposed.`, { provider: source }),
      );
    alive.addEventListener("abort", end, { once: true });
    clock.sleep(limits.totalMs, { signal: stop.signal, background: true }).then(
      () => stop.abort(toAuthError({ name: "AbortError" }, place, clock.now())),
      () => {}, // it was over in time
    );
    try {
      return await untilAborted(attempts(patient, stop.signal), stop.signal);
    } finally {
      alive.removeEventListener("abort", end);
      stop.abort();
    }
  }

  return {
    async read(forced) {
      const now = clock.monotonic();
      const patient = forced || now - answeredAt > servedMs;
      if (pause && now < pause.until && (pause.asked || !patient))
        throw refused ?? waiting(pause.error, pause.until - now);
      try {
        const secret = await bounded(patient);
        answered = true;
        answeredAt = clock.monotonic();
        refused = pause = undefined;
        return secret;
      } catch (thrown) {
        const error = away(toAuthError(thrown, place, clock.now()), answered);
        if (!error.retryable) {
          if (answered && error.reason !== "disposed") refused = error;
          answeredAt = Number.NEGATIVE_INFINITY;
          throw error;
        }
        const askedMs = error.retryAfterMs ?? 0;
        const pauseMs = Math.max(askedMs, patient ? 0 : limits.gapMs);
        if (pauseMs > 0) pause = { until: clock.monotonic() + pauseMs, asked: askedMs >= pauseMs, error };
        if (!patient) rules.onStale(error);
        throw refused ?? error;
      }
    },
    dispose() {
      life.abort();
      life = new AbortController();
      connection = undefined;
      answeredAt = Number.NEGATIVE_INFINITY; // nothing old is there to be served any more
    },
  };
}

/** Who could sign in before still can, but not now: that is no reason to go on to another source. */
function away(error: AuthError, before: boolean): AuthError {
  if (!before || error.reason !== "no-identity") return error;
  const { provider, message } = error;
  return new AuthError("ERR_AUTH_UNREACHABLE", "no-identity", message, { provider, cause: error });
}

/** A proxy that wants to know who asks gets no other answer the next time. */
const lacksLogin = ({ status }: AuthError): boolean => status === 407;

/** The same failure without another request: the vault asked for a pause, or was asked just now. */
function waiting(error: AuthError, leftMs: number): AuthError {
  const { code, reason, message, provider, status } = error;
  return new AuthError(code, reason, message, {
    provider,
    status,
    retryAfterMs: Math.ceil(leftMs),
    cause: error,
  });
}
