import type { Saying } from "./said.ts";

/** What sounds like a refusal and passes by itself. It comes before everything else, and ends no login. */
export const passingRefusal: readonly Saying[] = [
  // RFC 6749 §4.1.2.1 has these for the other endpoint, and servers say them here all the same.
  { words: ["temporarily_unavailable", "server_error"] },
  // Entra, too many requests: an `invalid_grant` that is none.
  // learn.microsoft.com/entra/msal/dotnet/advanced/exceptions/retry-policy; …/entra/identity-platform/reference-breaking-changes
  { codes: [50196, 90024, 90033, 90055] },
  // Slack, with 200. docs.slack.dev/reference/methods/oauth.v2.access
  { words: ["ratelimited", "service_unavailable", "internal_error", "fatal_error", "request_timeout"] },
];

/** Only a person can go on, and the refresh token may be as good as ever (OpenID Connect Core §3.1.2.6; Entra says it here, too). */
export const needsPerson: readonly Saying[] = [
  { words: ["interaction_required", "login_required", "consent_required"] },
];
