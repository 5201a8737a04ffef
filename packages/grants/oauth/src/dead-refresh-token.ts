import type { Saying } from "./said.ts";

/**
 * A refresh token that is over, as servers say it where RFC 6749 §5.2 has `invalid_grant`. (Google, Salesforce, Keycloak, Okta,
 * Auth0, Cognito and node-oidc-provider say that.) Only words that speak of the token itself: each of these ends a login.
 */
export const deadRefreshToken: readonly Saying[] = [
  { words: ["invalid_grant"] },
  // GitHub, with 200. docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
  { words: ["bad_refresh_token"] },
  // Slack, with 200. docs.slack.dev/reference/methods/oauth.v2.access
  { words: ["invalid_refresh_token", "token_expired", "token_revoked"] },
  // HubSpot, as a `status`. developers.hubspot.com/docs/api/oauth/tokens
  { words: ["BAD_REFRESH_TOKEN"] },
  // Entra: expired, revoked, unused for too long, password changed, too old for the sign-in frequency, whatever its `error` is.
  // learn.microsoft.com/entra/identity-platform/reference-error-codes
  { codes: [50173, 70008, 70043, 700081, 700082, 700084] },
  // AWS IAM Identity Center. docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
  { words: ["expired_token"] },
  // Spring Security OAuth: 401 `invalid_token` "Invalid refresh token (expired)". DefaultTokenServices.java
  { words: ["invalid_token"], text: /\brefresh token\b/i },
];
