import { AuthError, cached, isAuthError, type Provider, systemClock } from "@auth/core";
import { parseSecret } from "./parse-secret.ts";
import { readSecret } from "./read-secret.ts";
import { checkSecretOptions, type SecretOptions } from "./secret-options.ts";
import type { Transport } from "./transport.ts";

export interface Way {
  /** Where the secret lies, for the provider's name: a region, or the agent. */
  readonly place: string;
  /** How often one read may be tried (L3). */
  readonly attempts: number;
  readonly transport: (name: string) => Transport;
}

/** L8: after a read that an older value stood in for, the next one. */
const gapMs = 30_000;

/** What one secret is as a provider, whatever the way to the store: read once for all who ask, and kept for a while. */
export function secretProvider(
  factory: string,
  options: SecretOptions,
  { place, attempts, ...way }: Way,
): Provider & AsyncDisposable {
  try {
    checkSecretOptions(options);
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`${factory}: ${error.message}`) : error;
  }
  const { secretId, versionId, versionStage } = options;
  const { ttlMs = 300_000, staleMs = 3_600_000, timeoutMs = 10_000 } = options;
  const { clock = systemClock, onWarning } = options;
  const name = nameOf(place, options);
  const transport = way.transport(name);
  const request = { secretId, versionId, versionStage };
  const ended = new AbortController();
  // A fleet that was started at once does not read at once for ever.
  const keptMs = ttlMs * (0.9 + 0.2 * clock.random());
  /** AWS has answered once. */
  let known = false;
  /** How long there is something old to serve, by each clock; what AWS has taken back is not. */
  let kept: { readonly until: number; readonly endsAt: number } | undefined;
  let warned = false;
  let closed: { readonly until: number; readonly error: AuthError; readonly asked: boolean } | undefined;

  const provider: Provider = {
    name,
    async get({ forceRefresh: fresh = false } = {}) {
      // Whoever asks past the cache goes past our own pause, and not past one that AWS asked for (L5).
      if (closed && clock.monotonic() < closed.until && (closed.asked || !fresh)) throw closed.error;
      closed = undefined;
      try {
        const rules = { name, attempts, timeoutMs, clock, fresh, ended: ended.signal };
        const value = await readSecret(transport, request, rules);
        const credential = parseSecret(value, name, options);
        known = true;
        const endsAt = credential.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
        kept = { until: clock.monotonic() + keptMs + staleMs, endsAt };
        warned = false; // the next outage is news
        return credential;
      } catch (thrown) {
        const error = known ? forNow(thrown) : thrown;
        if (isAuthError(error, "ERR_AUTH_UNREACHABLE")) pauseAfter(error);
        else kept = undefined;
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      const provider = name;
      ended.abort(
        new AuthError("ERR_AUTH_UNAVAILABLE", "disposed", `${name}: was disposed. Make another one.`, {
          provider,
        }),
      );
      transport.close();
    },
  };

  /** A store that is out of reach or overloaded is not asked again by every caller, as long as there is something to serve. */
  function pauseAfter(error: AuthError): void {
    const { retryAfterMs = 0, message } = error;
    const now = clock.monotonic();
    const bridged = kept !== undefined && now < kept.until && clock.now() < kept.endsAt;
    const pause = Math.max(retryAfterMs, bridged ? gapMs : 0);
    if (pause > 0) closed = { until: now + pause, error, asked: retryAfterMs > 0 };
    if (!bridged || warned) return;
    warned = true;
    try {
      onWarning?.({
        reason: "serving-stale",
        message: `${message} Until then the value read before is served.`,
      });
    } catch {
      // an observer must not end what it observes
    }
  }

  // `cached` always has a dispose; only its type leaves that open.
  return cached(provider, { ttlMs: keptMs, staleMs, clock }) as Provider & AsyncDisposable;
}

/** `aws-sm eu-west-1/prod/acme?stage=AWSPREVIOUS#/password`: the reference, so to say. */
function nameOf(place: string, { secretId, versionId, versionStage, field }: SecretOptions): string {
  const selectors = [versionId && `version=${versionId}`, versionStage && `stage=${versionStage}`];
  const asked = selectors.filter(Boolean).join("&");
  const where = secretId.startsWith("arn:") || !place ? secretId : `${place}/${secretId}`;
  return `aws-sm ${where}${asked && `?${asked}`}${field === undefined ? "" : `#${field}`}`.replace(
    /\p{C}/gu,
    "\ufffd",
  );
}

/** Who could sign in before still can, but not now: that is no reason to go on to another source. */
function forNow(thrown: unknown): unknown {
  if (!isAuthError(thrown) || thrown.reason !== "no-identity") return thrown;
  const { reason, message, provider } = thrown;
  return new AuthError("ERR_AUTH_UNREACHABLE", reason, message, { provider, cause: thrown });
}
