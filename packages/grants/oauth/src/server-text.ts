/** Words of the protocol (RFC 6749 §5.2, RFC 7009 §2.2.1, RFC 8628 §3.5, RFC 8707 §2): no secret, even where one is spelled the same. */
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
  const text = mask(clean(value), secrets).trim();
  return text === "" ? undefined : text.slice(0, longestShown).replace(/[\ud800-\udbff]$/, "");
}

/** Invisible characters go first: they could hide a secret from the mask. */
function clean(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "");
}

function mask(text: string, secrets: readonly string[]): string {
  const forms = [...new Set(secrets.flatMap(spellings).map(clean))]
    .filter((form) => form !== "" && form.length <= text.length)
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return forms.length === 0 ? text : text.replace(new RegExp(forms.join("|"), "g"), "[secret]");
}

/** The ways a server may quote what it got. */
function spellings(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  const bytes = Array.from(new TextEncoder().encode(secret), (byte) => String.fromCharCode(byte));
  const base64 = btoa(bytes.join(""));
  const bare = base64.replaceAll("=", "");
  const base64url = bare.replaceAll("+", "-").replaceAll("/", "_");
  return [secret, url, url.toLowerCase(), form, form.toLowerCase(), base64, bare, base64url];
}
