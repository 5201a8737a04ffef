import type { AuthError, AuthErrorCode } from "@auth/core";
import { clockNote } from "./clock-note.ts";
import { deadRefreshToken } from "./dead-refresh-token.ts";
import { problem } from "./failures.ts";
import type { Fields } from "./parse-body.ts";
import { needsPerson, passingRefusal } from "./passing-refusal.ts";
import { isOneOf, type Said, saidIn } from "./said.ts";
import type { Answer } from "./send.ts";
import { checkedDescription, checkedError } from "./server-text.ts";
import { wrongCredential } from "./wrong-credential.ts";

/** What `invalid_grant` refuses: core acts on the reason. */
export type Spent = "refresh token" | "credential" | "nothing";

/** Words of a server's own, in its `error`, that mean what RFC 6749 §5.2 has other words for. */
export interface Refusals {
  /** The refresh token is over, as `invalid_grant`. */
  readonly refreshToken?: readonly string[];
  /** Client id, secret, key or password is wrong, as `invalid_client`. */
  readonly credential?: readonly string[];
}

/** What was sent, as far as it matters to what was refused. */
export interface Request {
  readonly spent: Spent;
  /** What the client proved itself with. Default `secret`. */
  readonly proof?: "secret" | "assertion" | "none";
  readonly refusals?: Refusals | undefined;
}

const advice: Readonly<Record<string, string>> = {
  "refresh-token-rejected": "It has expired, was revoked or was used before: log in again.",
  "credential-rejected": "Check what the source holds, and that clientAuth is what the server expects.",
  "login-needed": "Log in again.",
  "server-error": "Try again later.",
  invalid_scope: "Check the scopes.",
  invalid_target: "Check resource and audience.",
  unauthorized_client: "Allow this grant for the client at the server.",
  unsupported_grant_type: "The server does not know this grant: use another.",
};

const did: Readonly<Record<string, string>> = {
  "refresh-token-rejected": "refused the refresh token",
  "credential-rejected": "refused the credential",
  "login-needed": "wants a person to log in",
  "server-error": "failed",
  refused: "refused the request",
};

/**
 * What a refusal means. Errors: `ERR_AUTH_GRANT/refresh-token-rejected`, `/credential-rejected`, or `/refused` with the
 * server's checked `error`, if it gave one; `ERR_AUTH_INTERACTION_REQUIRED/login-needed` where it asks for a person;
 * `ERR_AUTH_UNREACHABLE/server-error` where it will pass.
 */
export function refusal(
  name: string,
  answer: Answer,
  fields: Fields | SyntaxError,
  request: Request,
): AuthError {
  const { status, secrets } = answer;
  const said = saidIn(status, fields);
  const reason = reasonFor(said, request);
  const untold = said.word === undefined && !(fields instanceof SyntaxError) && fields["error"] != null;
  const error = said.word !== undefined || untold ? checkedError(said.word, secrets) : undefined;
  const words = error !== undefined && !(fields instanceof SyntaxError) && fields["error_description"];
  const description = checkedDescription(words, secrets);
  const quoted = description === undefined ? "" : ` and says: “${description}”`;
  const clock = request.proof === "assertion" && reason === "credential-rejected" && clockNote(answer, said);
  const next =
    clock || (advice[reason] ?? advice[error ?? ""] ?? "Check the address and the grant's options.");
  const text = `${did[reason]} (${[status, error].filter(Boolean).join(" ")})${quoted}. ${next}`;
  return problem({ name, ...answer }, codes[reason] ?? "ERR_AUTH_GRANT", reason, text, { status, error });
}

const codes: Readonly<Record<string, AuthErrorCode>> = {
  "login-needed": "ERR_AUTH_INTERACTION_REQUIRED",
  "server-error": "ERR_AUTH_UNREACHABLE",
};

function reasonFor(said: Said, { spent, proof = "secret", refusals }: Request): string {
  const { word } = said;
  const { refreshToken = [], credential = [] } = refusals ?? {};
  const renews = spent === "refresh token";
  if (word !== undefined && credential.includes(word)) return "credential-rejected";
  if (word !== undefined && renews && refreshToken.includes(word)) return "refresh-token-rejected";
  if (isOneOf(said, passingRefusal)) return "server-error";
  // A client without a proof can have no wrong one, unless the server uses the RFC's own word for it.
  if (word === "invalid_client" || (proof !== "none" && isOneOf(said, wrongCredential)))
    return "credential-rejected";
  if (renews && isOneOf(said, deadRefreshToken)) return "refresh-token-rejected";
  if (renews && isOneOf(said, needsPerson)) return "login-needed";
  return spent === "credential" && word === "invalid_grant" ? "credential-rejected" : "refused";
}
