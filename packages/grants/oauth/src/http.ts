import { AuthError, type GrantContext, type TokenSet } from "@auth/core";
import { type Binding, checkBinding } from "./binding.ts";
import { malformed, problem } from "./failures.ts";
import type { HttpRequest, HttpTokenRequest } from "./http-request.ts";
import { checkLimits, type HttpOptions } from "./limits.ts";
import { type Fields, parseBody, parseList, parseRefusal } from "./parse-body.ts";
import { readTokens } from "./read-tokens.ts";
import { refusal, type Spent } from "./refusal.ts";
import { hasError } from "./said.ts";
import { type Answer, type ComeBackMs, type PauseMs, send, type Transport } from "./send.ts";
import { checkedDescription, checkedError } from "./server-text.ts";
import { configuredUrl, isExempt } from "./transport.ts";

export type { HttpRequest, HttpTokenRequest, Refused, TokenFields } from "./http-request.ts";
export { instant } from "./instant.ts";
export type { AttemptLimits, HttpOptions } from "./limits.ts";
export type { Fields } from "./parse-body.ts";
export type { ComeBackMs } from "./send.ts";
export { sendable } from "./sendable.ts";
export { unverifiedClaims } from "./unverified-claims.ts";

/** What a body may be asked to be. */
export interface Bodies {
  readonly object: Fields;
  readonly list: readonly unknown[];
  readonly nothing: undefined;
}

/** A server whose wire is nearly that of OAuth. */
export interface Http {
  /** The grant's name: `yamcs https://yamcs.example`. */
  readonly name: string;
  /** The configured address, with its path and without a slash at its end. */
  readonly url: string;
  /**
   * Any request that is not for tokens. The answer is a JSON object unless `expect` says otherwise; `nothing` does not look at it.
   *
   * Errors: `ERR_AUTH_GRANT/refused` or what `refused` says; `ERR_AUTH_INVALID/malformed-response` and the others of
   * {@link createHttp}.
   */
  send<E extends keyof Bodies = "object">(
    request: HttpRequest & { readonly expect?: E },
    context: GrantContext,
  ): Promise<{ readonly status: number; readonly body: Bodies[E] }>;
  /**
   * A request for tokens, with all the checks of the OAuth grants: the rules for each field (SEC-31, SEC-33), and a new
   * refresh token that is saved before the rest is complained of (SEC-32). The set remembers this server and `clientId` in `extra`.
   *
   * Errors: `ERR_AUTH_GRANT/credential-rejected` (`invalid_client`, or `invalid_grant` where `repeat` is `once`),
   * `/refresh-token-rejected` (`invalid_grant` where it is `refresh`), `/refused`, or what `refused` says;
   * `ERR_AUTH_INTERACTION_REQUIRED/issuer-changed`; `ERR_AUTH_INVALID/malformed-response`, `/token-type`,
   * `/expired-on-arrival` and the others of {@link createHttp}.
   */
  requestTokens(request: HttpTokenRequest, context: GrantContext): Promise<TokenSet>;
}

/** What a service says of its server, besides what it lets the app set. */
export interface ServerFacts {
  /** What the app calls the address, for messages. Default `url`. */
  readonly option?: string;
  /**
   * Asked about each answer outside of 2xx: how many ms the server wants us to wait before the same request, which it has
   * not processed. `Retry-After` of 429 and 503 needs no help; it is handed over for other uses.
   */
  readonly comeBackMs?: ComeBackMs;
  /** How long to wait before the next try, in ms. Default: a random part of 0.2, 0.4, 0.8 s and so on. */
  readonly pauseMs?: PauseMs;
}

const spent: Readonly<Record<HttpRequest["repeat"], Spent>> = {
  freely: "nothing",
  refresh: "refresh token",
  once: "credential",
};

/**
 * What a grant needs for a server of its own kind: requests that are sent, repeated, limited and read like those of the
 * OAuth grants (L1–L5). The factory is pure; `TypeError` names an option that is wrong and quotes nothing (SEC-20, SEC-21).
 *
 * Errors of its requests: `ERR_AUTH_UNREACHABLE` (`timeout`, `network`, `rate-limited`, `server-error`), `ERR_AUTH_INVALID`
 * (`insecure-transport`, `redirect`, `response-too-large`, `secret-format`); the context's signal ends them with its own reason.
 *
 * @example
 * ```ts
 * const http = createHttp("acme", "https://acme.example/sso");
 * const grant: Grant<PasswordCredential> = {
 *   name: http.name,
 *   accepts: ["password"],
 *   partition: (credential) => credential && `acme ${new URLSearchParams({ url: http.url, account: credential.username }).toString()}`,
 *   exchange: (credential, context) =>
 *     http.requestTokens(
 *       {
 *         endpoint: "token endpoint",
 *         method: "POST",
 *         url: `${http.url}/token`,
 *         body: { json: { user: credential?.username, password: credential?.password.reveal() } },
 *         repeat: "once",
 *         translate: ({ token, expires }) => ({ access_token: token, token_type: "bearer", expires_at: expires }),
 *         refused: ({ status, error }) =>
 *           status === 401
 *             ? error("ERR_AUTH_GRANT", "credential-rejected", "refused the password. Correct it at its source.")
 *             : undefined,
 *       },
 *       context,
 *     ),
 * };
 * ```
 */
export function createHttp(service: string, url: string, options: HttpOptions & ServerFacts = {}): Http {
  const { option = "url", comeBackMs, pauseMs } = options;
  const limits = checkLimits(service, options);
  const address = configuredUrl(url, `${service}: ${option}`, limits.insecureOrigins);
  if (address.search) throw new TypeError(`${service}: ${option} must not have a query`);
  const base = address.href.replace(/\/$/, "");
  const name = `${service} ${address.origin}`;
  const transport: Transport = {
    ...limits,
    name,
    ...(comeBackMs && { comeBackMs }),
    ...(pauseMs && { pauseMs }),
  };
  let warned = false;

  async function ask(request: HttpRequest, context: GrantContext): Promise<Answer> {
    const target = URL.canParse(request.url) ? new URL(request.url) : undefined;
    if (!target)
      throw new TypeError(`${name}: the address of the ${request.endpoint} is not an absolute URL`);
    const { headers, body } = parts(request, name);
    if (!warned && isExempt(target, limits.insecureOrigins)) {
      warned = true;
      context.warn("insecure-transport");
    }
    const { endpoint, method, repeat } = request;
    return send(
      {
        endpoint,
        repeat,
        request: (send) => send(target.href, { method, headers, body, redirect: "manual" }),
      },
      transport,
      context,
    );
  }

  /** The service's reading of a refusal, or the RFC's. */
  function refused(request: HttpRequest, answer: Answer, fields: Fields | SyntaxError): AuthError {
    const { status, secrets } = answer;
    const error = hasError(fields) ? checkedError(fields["error"], secrets) : undefined;
    const own = request.refused?.({
      status,
      body: fields instanceof SyntaxError ? undefined : fields,
      error: (code, reason, text) => problem({ name, ...answer }, code, reason, text, { status, error }),
      quote: (text) => checkedDescription(text, secrets),
    });
    return own ?? refusal(name, answer, fields, { spent: spent[request.repeat] });
  }

  return {
    name,
    url: base,
    async send<E extends keyof Bodies = "object">(
      request: HttpRequest & { readonly expect?: E },
      context: GrantContext,
    ) {
      const answer = await ask(request, context);
      const { status } = answer;
      if (status < 200 || status > 299) throw refused(request, answer, parseRefusal(answer));
      const { expect = "object" } = request;
      const body =
        expect === "nothing" ? undefined : expect === "list" ? parseList(answer) : parseBody(answer, false);
      if (body instanceof SyntaxError) throw malformed(`is ${body.message}`, answer, name);
      return { status, body: body as Bodies[E] };
    },
    async requestTokens(request, context) {
      const { renews, clientId, translate, scopes } = request;
      const tokenOrigin = URL.canParse(request.url) ? new URL(request.url).origin : "";
      const place: Binding = { issuer: base, tokenOrigin, ...(clientId !== undefined && { clientId }) };
      if (renews) checkBinding(renews, place, name);
      const answer = await ask(request, context);
      const asked = {
        ...(scopes && { scopes }),
        ...(renews && { renews }),
        ...(translate && { translate }),
        refused: (fields: Fields | SyntaxError) => refused(request, answer, fields),
      };
      const tokens = readTokens(answer, asked, { name, formEncodedResponses: false }, context);
      return { ...tokens, extra: place };
    },
  };
}

/** Headers and body as they go out, the same for each attempt. */
function parts(
  { endpoint, headers, body }: HttpRequest,
  name: string,
): { headers: Record<string, string>; body?: string | undefined } {
  const lower: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers ?? {})) {
    if (/[^\t -~]/.test(value)) {
      const text = `${name}: the header ${header} for the ${endpoint} holds a line break, or another character that no header takes. Nothing was sent; correct what it is made of.`;
      throw new AuthError("ERR_AUTH_INVALID", "secret-format", text, { provider: name });
    }
    lower[header.toLowerCase()] = value;
  }
  if (!body) return { headers: lower };
  if ("json" in body)
    return { headers: { ...lower, "content-type": "application/json" }, body: JSON.stringify(body.json) };
  const form = new URLSearchParams(body.form).toString();
  return { headers: { ...lower, "content-type": "application/x-www-form-urlencoded" }, body: form };
}
