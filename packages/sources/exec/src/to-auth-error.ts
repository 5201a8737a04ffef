import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";

type Row = readonly [code: AuthErrorCode, reason: string, advice: string];

/** TODO: the vendor's names for what can go wrong. Absent, denied and unreachable must stay three different things. */
const table: Readonly<Record<string, Row>> = {
  NotFound: ["ERR_AUTH_NOT_FOUND", "no-secret", "there is no such secret. Create it, or mend the name"],
  Forbidden: [
    "ERR_AUTH_DENIED",
    "forbidden",
    "access was refused. Grant the permission that the README names",
  ],
};

const other: Row = ["ERR_AUTH_UNREACHABLE", "read-failed", "it could not be read. Try again"];

/** What the vendor says, in our words. Its own message is dropped, since it may quote a secret; its code stays in the cause. */
export function toAuthError(error: unknown, { source }: { readonly source: string }): AuthError {
  if (isAuthError(error)) return error;
  const name = (error as { readonly name?: unknown } | null)?.name;
  const [code, reason, advice] =
    (typeof name === "string" && Object.hasOwn(table, name) && table[name]) || other;
  return new AuthError(code, reason, `${source}: ${advice}.`, { provider: source, cause: error });
}
