import { AccessToken, type AuthError, type GrantContext, Secret, type TokenSet } from "@auth/core";
import { difference } from "./clock-note.ts";
import { malformed, problem } from "./failures.ts";
import type { TokenFields } from "./http-request.ts";
import { lifetime, lifetimeUntil } from "./lifetime.ts";
import { type Fields, parseBody, parseRefusal } from "./parse-body.ts";
import { hasError } from "./said.ts";
import type { Answer } from "./send.ts";
import type { Settings } from "./settings.ts";

/** What the request was about. */
export interface Asked {
  /** What an answer means that is no success. */
  readonly refused: (fields: Fields | SyntaxError) => AuthError;
  readonly scopes?: readonly string[];
  readonly renews?: TokenSet;
  /** For servers with their own names for things. */
  readonly translate?: (body: Fields) => TokenFields;
}

/** Who reads. */
export type Reader = Pick<Settings, "name" | "formEncodedResponses">;

/** L14 */
const longestToken = 65_536;

/**
 * Reads a token response (RFC 6749 §5) by rules stricter than the RFC's. A new refresh token is salvaged before anything
 * else in the answer is complained of (SEC-32).
 *
 * Errors: what `asked.refused` makes of a refusal; `ERR_AUTH_INVALID/malformed-response`, `/token-type`,
 * `/expired-on-arrival`.
 */
export function readTokens(answer: Answer, asked: Asked, reader: Reader, context: GrantContext): TokenSet {
  const success = answer.status >= 200 && answer.status < 300;
  const fields = parseBody(answer, reader.formEncodedResponses);
  try {
    const told = parseRefusal(answer);
    if (!success || hasError(told)) throw asked.refused(told);
    if (fields instanceof SyntaxError) throw malformed(`is ${fields.message}`, answer, reader.name);
    return tokenSet(fields, answer, asked, reader, context);
  } catch (error) {
    const token = success ? living(fields, answer.body) : undefined;
    if (token !== undefined) context.salvage(new Secret(token));
    throw error;
  }
}

function tokenSet(
  body: Fields,
  answer: Answer,
  asked: Asked,
  { name }: Reader,
  context: GrantContext,
): TokenSet {
  const own = asked.translate?.(body);
  const fields = own ?? (body as Partial<TokenFields>);
  const { access_token: access, token_type: type, scope } = fields;
  const token = (field: "refresh_token" | "id_token"): Secret | undefined => {
    const value = fields[field];
    if (isAbsent(value)) return undefined;
    if (isToken(value)) return new Secret(value);
    throw malformed(`has a ${field} that is no string of 1 byte to 64 KiB`, answer, name);
  };
  const refreshToken = token("refresh_token");
  const idToken = token("id_token");
  if (!isToken(access) || !/^[!-~]+$/.test(access))
    throw malformed("has no access token that can travel in a header", answer, name);
  if (!isAbsent(scope) && typeof scope !== "string")
    throw malformed("has a scope that is no string", answer, name);
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") {
    const text = "gave a token that is no bearer token, the one type that this grant takes.";
    throw problem({ name, ...answer }, "ERR_AUTH_INVALID", "token-type", text);
  }
  const end = own?.expires_at ?? undefined;
  const seconds = end === undefined ? lifetime(fields.expires_in) : lifetimeUntil(end, answer.sentAt);
  if (seconds === "unreadable") context.warn("expires-in-unreadable");
  if (seconds === 0) {
    const { aheadMs = 0 } = answer;
    const clock = Math.abs(aheadMs) < 2_000 ? "Check this machine's clock" : `${difference(aheadMs)}: set it`;
    const text = `gave a token that has already expired. ${clock}, and look at the lifetime set at the server.`;
    throw problem({ name, ...answer }, "ERR_AUTH_INVALID", "expired-on-arrival", text);
  }
  // Left out, it is what was asked for (RFC 6749 §5.1), or on a renewal what core has kept.
  const granted = isAbsent(scope) ? (asked.renews ? [] : (asked.scopes ?? [])) : words(scope as string);
  return {
    accessToken: new AccessToken(access, {
      obtainedAt: new Date(answer.sentAt),
      expiresAt: typeof seconds === "number" ? new Date(answer.sentAt + seconds * 1_000) : undefined,
      scopes: granted.length > 0 ? granted : undefined,
    }),
    ...(refreshToken && { refreshToken }),
    ...(idToken && { idToken }),
  };
}

function words(scope: string): string[] {
  return scope.split(" ").filter((word) => word !== "");
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= longestToken;
}

/**
 * The refresh token of an answer that is otherwise no good, be it the wrong type, doubled keys or broken bytes elsewhere:
 * it is the only living one, so it is read without the strictness that the rest did not stand.
 */
function living(fields: Fields | SyntaxError, body: Uint8Array): string | undefined {
  try {
    const known =
      fields instanceof SyntaxError ? (JSON.parse(new TextDecoder().decode(body)) as Fields) : fields;
    const token = known["refresh_token"];
    return isToken(token) && token.isWellFormed() && !token.includes("\ufffd") ? token : undefined;
  } catch {
    return undefined;
  }
}
