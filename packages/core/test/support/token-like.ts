import { AccessToken, type AccessTokenFacts } from "@auth/core";

/** A token with the times of another one, and what is said of it besides. */
export function tokenLike(token: AccessToken, text: string, more: AccessTokenFacts = {}): AccessToken {
  const { expiresAt, obtainedAt } = token;
  return new AccessToken(text, { expiresAt, obtainedAt, ...more });
}
