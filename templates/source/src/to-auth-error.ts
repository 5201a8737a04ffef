import { AuthError, type AuthErrorCode, toAuthError as unexpected } from "@auth/core";
import { networkCode, networkWhy } from "@auth/core/network";

type Row = readonly [code: AuthErrorCode, reason: string, advice: string];

/** TODO: the vendor's names for what can go wrong. Absent, denied and unreachable must stay three different things. */
const table: Readonly<Record<string, Row>> = {
  NotFound: ["ERR_AUTH_NOT_FOUND", "no-secret", "there is no such secret. Create it, or mend the name"],
  Forbidden: [
    "ERR_AUTH_DENIED",
    "permission-denied",
    "access was refused. Grant the permission that the README names",
  ],
  Throttled: ["ERR_AUTH_UNREACHABLE", "rate-limited", "it takes no more requests for now. Try again later"],
};

/** What the vendor says, in our words. Its own message is dropped, since it may quote a secret; its code stays in the cause. */
export function toAuthError(error: unknown, { source }: { readonly source: string }): AuthError {
  const name = (error as { readonly name?: unknown } | null)?.name;
  const row = typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
  const away: Row = [
    "ERR_AUTH_UNREACHABLE",
    "network",
    `it cannot be reached${networkWhy(error)}. Try again`,
  ];
  const found = row ?? (networkCode(error) === undefined ? undefined : away);
  // Neither the store's word nor the network's: most likely a mistake in this package, and trying again does not mend it.
  if (!found) return unexpected(error, source);
  const [code, reason, advice] = found;
  return new AuthError(code, reason, `${source}: ${advice}.`, { provider: source, cause: error });
}
