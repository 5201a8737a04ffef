import { AuthError } from "@auth/core";

/** SEC-10: said before anything is sent, and naming the place to look at. Tabs pass where people type (RFC 6749 appendix A). */
export function sendable(value: string, what: string, source: string): string {
  if (value !== "" && value.isWellFormed() && !/[^\P{Cc}\t]/u.test(value)) return value;
  throw new AuthError(
    "ERR_AUTH_INVALID",
    "secret-format",
    `${source}: the ${what} is empty, or holds a line break or another control character. Store it again without.`,
    { provider: source },
  );
}
