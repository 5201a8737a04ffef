import { deadRefreshToken } from "./dead-refresh-token.ts";
import { mask } from "./mask.ts";
import { needsPerson, passingRefusal } from "./passing-refusal.ts";
import { wrongCredential } from "./wrong-credential.ts";

/** Words of the protocol (RFC 6749 §5.2, RFC 7009 §2.2.1, RFC 8628 §3.5, RFC 8707 §2) and those that servers are known for: no secret, even where one is spelled the same. */
const registered: ReadonlySet<unknown> = new Set([
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "access_denied",
  "authorization_pending",
  "slow_down",
  "expired_token",
  "unsupported_token_type",
  "invalid_target",
  ...[wrongCredential, deadRefreshToken, passingRefusal, needsPerson]
    .flat()
    .flatMap(({ words = [] }) => words),
]);
/** No honest description is longer, and short texts are searched in no time whatever they hold (SEC-7). */
const longestRead = 4_096;
const longestShown = 200;

/**
 * The server's `error`, if it may be shown: 1 to 64 characters of RFC 6749 §5.2 that do not hold a secret of the request.
 * Otherwise `unrecognized_error` (SEC-5).
 */
export function checkedError(value: unknown, secrets: readonly string[]): string {
  if (typeof value !== "string" || !/^[ !#-[\]-~]{1,64}$/.test(value)) return "unrecognized_error";
  return registered.has(value) || mask(value, secrets) === value ? value : "unrecognized_error";
}

/** The server's description, fit to be shown: no secret of the request, no control or bidi character, 200 characters. */
export function checkedDescription(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value !== "string" || value.length > longestRead) return undefined;
  const text = mask(clean(value), [...secrets, ...secrets.map(clean)]).trim();
  return text === "" ? undefined : text.slice(0, longestShown).replace(/[\ud800-\udbff]$/, "");
}

/** Invisible characters go first: they could hide a secret from the mask. */
function clean(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "");
}
