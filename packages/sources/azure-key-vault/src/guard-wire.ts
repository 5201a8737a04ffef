import { AuthError } from "@auth/core";
import { parseJson } from "@auth/core/payload";
import { isProxys, proxyRefusal } from "./proxy-refusal.ts";
import { wrongAudience } from "./to-auth-error.ts";

/** The parts of Azure's pipeline that are used: its `PipelineRequest`, `PipelineResponse` and `PipelinePolicy` fit. */
interface WireRequest {
  url: string;
  timeout: number;
  onDownloadProgress?: ((progress: { readonly loadedBytes: number }) => void) | undefined;
}
interface WireResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  bodyAsText?: string | null;
}

export interface WireLimits {
  readonly source: string;
  /** One HTTP attempt, in ms (L1). */
  readonly timeoutMs: number;
  /** Longest answer, counted after decompression (L2). */
  readonly maxBytes: number;
}

/**
 * What every request to a vault goes through last: a limit on time and size, and a look at the answer. Microsoft's client
 * looks at the challenge too; this one says what is wrong in our words, and holds whichever version of the client is there.
 */
export function guardWire({ source, timeoutMs, maxBytes }: WireLimits) {
  return {
    name: "authGuardWire",
    async sendRequest<Q extends WireRequest, R extends WireResponse>(
      request: Q,
      next: (request: Q) => Promise<R>,
    ): Promise<R> {
      let tooLarge = false;
      request.timeout = timeoutMs;
      request.onDownloadProgress = ({ loadedBytes }) => {
        if (loadedBytes <= maxBytes) return;
        tooLarge = true;
        throw new RangeError(); // ends the stream, and its socket with it
      };
      let response: R;
      try {
        response = await next(request);
      } catch (error) {
        if (!tooLarge) throw error;
        throw invalid(
          source,
          "response-too-large",
          `the answer is larger than ${maxBytes} bytes. Is this a Key Vault?`,
        );
      }
      const { status, headers, bodyAsText } = response;
      const marked = !!headers.get("x-ms-request-id") || isRefusal(bodyAsText);
      if (isProxys(request, { status, marked })) throw proxyRefusal(status, { source });
      if (status === 401) checkChallenge(headers.get("www-authenticate"), request.url, source);
      const type = headers.get("content-type") ?? "";
      // A site that has no such page says nothing about a secret: a chain must not go on because of it.
      if (status === 404 && /^text\/html\b/i.test(type))
        throw invalid(source, "malformed-response", "the answer is a web page. Is this a Key Vault?");
      if (status === 200) checkSecret(type, bodyAsText, source);
      // Microsoft's client stumbles over a refusal without a body, and loses its status.
      else if (!bodyAsText?.trim()) response.bodyAsText = "{}";
      return response;
    },
  };
}

/**
 * The audience that a 401 names must be a domain that the vault's host lies in, at a label boundary (SEC-40): else whoever
 * answers in the vault's place could have a token made out to a service of its choice. Errors: `INVALID/challenge-resource`.
 */
export function checkChallenge(challenge: string | undefined, url: string, source: string): void {
  for (const [, value = ""] of (challenge ?? "").matchAll(/(?:^|[\s,])(?:resource|scope)="([^"]*)"/gi)) {
    const domain = /^https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::\d+)?(?:\/[^\\\s]*)?$/i.exec(value)?.[1];
    if (domain && `.${new URL(url).hostname}`.endsWith(`.${domain.toLowerCase()}`)) continue;
    throw invalid(source, "challenge-resource", wrongAudience);
  }
}

/** A refusal of Azure's has a code, whichever service it comes from. */
function isRefusal(text: string | null | undefined): boolean {
  try {
    return Object(Object(parseJson(text ?? "")).error).code !== undefined;
  } catch {
    return false; // no JSON
  }
}

/** Success is strict JSON with a secret and its identifier (SEC-13); nothing of anything else is shown (SEC-30). */
function checkSecret(type: string, text: string | null | undefined, source: string): void {
  try {
    const { value, id, attributes } = parseJson(text ?? "") as Record<string, unknown>;
    const named = typeof id === "string" && /^https:\/\/[^/]+\/secrets\/[^/]+\/[^/]+$/.test(id);
    const whole = named && typeof value === "string" && typeof attributes === "object" && attributes !== null;
    if (whole && /^application\/(?:[\w.-]+\+)?json\b/i.test(type)) return;
  } catch {
    // no JSON, or no object
  }
  throw invalid(source, "malformed-response", "the answer is no secret. Is this a Key Vault?");
}

function invalid(source: string, reason: string, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, `${source}: ${problem}.`, { provider: source });
}
