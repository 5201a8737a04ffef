import type { AuthError } from "@auth/core";
import { problem } from "./failures.ts";
import type { Fields } from "./parse-body.ts";
import type { Answer } from "./send.ts";
import { checkedDescription, checkedError } from "./server-text.ts";

/** What `invalid_grant` refuses: core acts on the reason. */
export type Spent = "refresh token" | "credential" | "nothing";

const advice: Readonly<Record<string, string>> = {
  "refresh-token-rejected": "It has expired, was revoked or was used before: log in again.",
  "credential-rejected": "Check what the source holds, and that clientAuth is what the server expects.",
  invalid_scope: "Check the scopes.",
  invalid_target: "Check resource and audience.",
  unauthorized_client: "Allow this grant for the client at the server.",
  unsupported_grant_type: "The server does not know this grant: use another.",
};

/**
 * What a refusal means. Errors: `ERR_AUTH_GRANT/refresh-token-rejected`, `/credential-rejected`, or `/refused` with the
 * server's checked `error`, if it gave one.
 */
export function refusal(name: string, answer: Answer, fields: Fields | SyntaxError, spent: Spent): AuthError {
  const { status, secrets } = answer;
  const told = hasError(fields);
  const reason = told ? reasonFor(fields["error"], spent) : "refused";
  const error = told ? checkedError(fields["error"], secrets) : undefined;
  const description = told ? checkedDescription(fields["error_description"], secrets) : undefined;
  const what =
    reason === "refresh-token-rejected"
      ? "refused the refresh token"
      : reason === "credential-rejected"
        ? "refused the credential"
        : "refused the request";
  const said = description === undefined ? "" : ` and says: “${description}”`;
  const next = advice[reason] ?? advice[error ?? ""] ?? "Check the address and the grant's options.";
  const text = `${what} (${[status, error].filter(Boolean).join(" ")})${said}. ${next}`;
  return problem({ name, ...answer }, "ERR_AUTH_GRANT", reason, text, { status, error });
}

/** A body with `error` is a failure whatever the status (SEC-31). */
export function hasError(fields: Fields | SyntaxError): fields is Fields {
  return !(fields instanceof SyntaxError) && fields["error"] !== undefined && fields["error"] !== null;
}

function reasonFor(error: unknown, spent: Spent): string {
  if (error === "invalid_client") return "credential-rejected";
  if (error !== "invalid_grant" || spent === "nothing") return "refused";
  return spent === "refresh token" ? "refresh-token-rejected" : "credential-rejected";
}
