import { AuthError } from "@auth/core";

/** What the options say of an identity and what the credential says must be the same: nobody acts as somebody else. */
export function agree(
  grant: string,
  what: "clientId" | "account" | "username",
  option: string | undefined,
  credential: string | undefined,
): string | undefined {
  if (option === undefined || credential === undefined || option === credential) return option ?? credential;
  throw new AuthError(
    "ERR_AUTH_INVALID",
    "identity-mismatch",
    `${grant}: the option ${what} and the credential name two different ones; nothing was sent. Correct one of them.`,
    { provider: grant },
  );
}

/** The credential, where a grant cannot do without. */
export function required<C>(credential: C | undefined, grant: string): C {
  if (credential !== undefined) return credential;
  throw new AuthError(
    "ERR_AUTH_NOT_FOUND",
    "no-credential",
    `${grant}: there is no credential to prove the client with. Give createAuth its \`credentials\`.`,
    { provider: grant },
  );
}
