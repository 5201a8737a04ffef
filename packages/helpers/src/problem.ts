import { AuthError, type AuthErrorCode } from "@auth/core";
import type { ReadContext } from "./helper-format.ts";

type Word = AuthErrorCode extends `ERR_AUTH_${infer Word}` ? Word : never;

/** An error that says whose answer it was and what to do; never what the answer said (SEC-108). */
export function problem(kind: Word, reason: string, { source }: ReadContext, what: string): AuthError {
  return new AuthError(`ERR_AUTH_${kind}`, reason, `${source}: ${what}`, { provider: source });
}

export function malformed(context: ReadContext, what: string): AuthError {
  return problem("INVALID", "payload-malformed", context, `the answer ${what}. Its text is not shown.`);
}

export function noSecret(context: ReadContext, what = "knows no credential for this request"): AuthError {
  return problem("NOT_FOUND", "no-secret", context, `${what}. Store one there, or mend the request.`);
}

export function failed(context: ReadContext, exitCode: number): AuthError {
  const advice = "What it says is not shown here; run it in a terminal";
  return problem("INVALID", "helper-failed", context, `failed with exit code ${exitCode}. ${advice}.`);
}

/** What came back is of a kind that another format reads. */
export function otherKind(context: ReadContext, what: string): AuthError {
  return problem("INVALID", "credential-type", context, `${what}.`);
}
