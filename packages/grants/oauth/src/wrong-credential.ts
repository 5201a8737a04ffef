import type { Saying } from "./said.ts";

/**
 * A client id, secret or key that is wrong, as servers say it where RFC 6749 §5.2 has `invalid_client`. (Okta, Google, Cognito and
 * node-oidc-provider say that.)
 */
export const wrongCredential: readonly Saying[] = [
  { words: ["invalid_client"] },
  // Keycloak: 401 for a wrong secret, and for a client without a service account, which no other secret would mend.
  // github.com/keycloak/keycloak/issues/16923; services/…/oidc/grants/ClientCredentialsGrantType.java
  {
    words: ["unauthorized_client"],
    status: 401,
    unless: /\bnot (?:enabled|allowed|authorized)\b|unauthorized to|using this method/i,
  },
  // Keycloak before 21, with 400
  {
    words: ["unauthorized_client"],
    text: /invalid client (?:or invalid client credentials|secret|credentials)|^(?:UNKNOWN|INVALID)_(?:CLIENT|CREDENTIALS)\b/i,
  },
  // Auth0: 401; with 403 the client is known and may not. github.com/auth0/node-auth0/issues/682
  { words: ["access_denied"], status: 401 },
  // Entra: no such application, wrong or expired secret, wrong or late assertion.
  // learn.microsoft.com/entra/identity-platform/reference-error-codes
  { codes: [700016, 7000215, 7000222, 700024, 700027] },
  // GitHub, with 200. docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
  { words: ["incorrect_client_credentials"] },
  // Slack, with 200. docs.slack.dev/reference/methods/oauth.v2.access
  { words: ["bad_client_secret", "invalid_client_id"] },
  // Salesforce. help.salesforce.com, "OAuth 2.0 Authorization Errors"
  { words: ["invalid_client_id", "invalid_client_credentials"] },
  // HubSpot, as a `status`. developers.hubspot.com/docs/api/oauth/tokens
  { words: ["BAD_CLIENT_ID", "BAD_CLIENT_SECRET"] },
  // Google, for a client that was removed. developers.google.com/identity/protocols/oauth2/web-server
  { words: ["deleted_client"] },
];
