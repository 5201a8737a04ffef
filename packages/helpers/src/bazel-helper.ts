import { Secret } from "@auth/core";
import { type AuthorizationCredential, authorization } from "./authorization.ts";
import { expiry } from "./expiry.ts";
import { asked, type HelperAnswer, type HelperFormat, type ReadContext } from "./helper-format.ts";
import { jsonAnswer, object, text } from "./json-answer.ts";
import { failed, malformed, noSecret, otherKind, problem } from "./problem.ts";

export interface BazelRequest {
  /** What the headers are for: an absolute URI, without user information. */
  readonly uri: string;
}

/** The headers that a request needs. */
export interface RequestHeaders {
  readonly type: "request-headers";
  /** In the helper's order; a name may occur more than once. */
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  readonly expiresAt?: Date;
  readonly source: string;
}

function ask(request: BazelRequest): { args: string[]; stdin: string } {
  const { uri } = asked(request);
  if (typeof uri !== "string" || !/^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+(?:[/?#][!-~]*)?$/i.test(uri))
    throw new TypeError("bazelHelper: `uri` is an absolute URI, without user information");
  return { args: ["get"], stdin: JSON.stringify({ uri }) };
}

/** Checked headers, and until when they hold; none at all means that none are needed, which is no credential. */
function headersOf(
  { exitCode, stdout }: HelperAnswer,
  context: ReadContext,
): { headers: [string, string][]; expires: { readonly expiresAt?: Date } } {
  if (exitCode !== 0) throw failed(context, exitCode);
  const fields = jsonAnswer(stdout, context);
  const headers: [string, string][] = [];
  for (const [name, values] of object(fields.get("headers") ?? {}, "headers", context)) {
    if (!Array.isArray(values)) throw malformed(context, "has a header whose values are no list");
    for (const value of values) {
      if (typeof value !== "string") throw malformed(context, "has a header with a value that is no string");
      if (!headerName.test(name) || !sendable(value))
        throw problem("INVALID", "secret-format", context, "the answer has a header that cannot be sent.");
      headers.push([name, value]);
    }
  }
  if (headers.length === 0) throw noSecret(context, "says that this URI needs no credential");
  return { headers, expires: expiry(text(fields, "expires", context), "expires", context) };
}

const headerName = /^[\w!#$%&'*+.^`|~-]+$/; // RFC 9110 §5.6.2
const sendable = (value: string): boolean =>
  value.length <= 65_536 && /^[\t -~]+$/.test(value) && value === value.trim();

/**
 * Credential helpers of Bazel, and of what speaks the same: `get`, with a URI in JSON on standard input. For answers that
 * are one `Authorization` header: `Bearer` is an access token, `Basic` a user name and password.
 *
 * Errors: `NOT_FOUND/no-secret` where no header is needed; `INVALID` with `/helper-failed`, `/payload-malformed`,
 * `/secret-format`, `/expired-on-arrival`, or `/credential-type` for other headers: read those as {@link bazelHeaders}.
 * Source: github.com/EngFlow/credential-helper-spec.
 *
 * @example
 * ```ts
 * const request = { uri: "https://cache.example.com/" };
 * const login = fromCommand({ command: ["acme-credentials"], format: bazelHelper, request });
 * ```
 */
export const bazelHelper: HelperFormat<AuthorizationCredential, BazelRequest> = {
  name: "bazel",
  ask,
  read(answer, _request, context) {
    const { headers, expires } = headersOf(answer, context);
    const [[name, value] = ["", ""], ...others] = headers;
    if (others.length > 0 || name.toLowerCase() !== "authorization")
      throw otherKind(context, "answers with more than one Authorization: read it as bazelHeaders");
    const space = value.indexOf(" ");
    const [scheme, rest] = [value.slice(0, space), value.slice(space + 1)];
    return Object.freeze({ ...authorization(scheme, rest.trimStart(), context), ...expires });
  },
};

/**
 * The same helpers, for whatever headers they answer with. Errors as with {@link bazelHelper}.
 *
 * @example
 * ```ts
 * const { headers } = await fromCommand({ command, format: bazelHeaders, request: { uri } }).get();
 * for (const [name, value] of headers) outgoing.append(name, value.reveal());
 * ```
 */
export const bazelHeaders: HelperFormat<RequestHeaders, BazelRequest> = {
  name: "bazel",
  ask,
  read(answer, _request, context) {
    const { headers, expires } = headersOf(answer, context);
    return Object.freeze<RequestHeaders>({
      type: "request-headers",
      headers: Object.freeze(
        headers.map(([name, value]) => Object.freeze([name, new Secret(value)] as const)),
      ),
      ...expires,
      source: context.source,
    });
  },
};
