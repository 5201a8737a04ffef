import { AccessToken, AuthError, type ClientSecretCredential, type Grant } from "@auth/core";

/** RFC 6749 §4.4 in so many lines: what it takes to be told that a secret is wrong. The grant for real use is in @auth/oauth. */
export function clientCredentials(tokenEndpoint: string): Grant<ClientSecretCredential> {
  return {
    name: "client-credentials",
    accepts: ["client-secret"],
    partition: () => tokenEndpoint,
    async exchange(credential, { fetch, signal }) {
      const { clientId = "", clientSecret } = credential ?? {};
      const login = [clientId, clientSecret?.reveal() ?? ""].map(encodeURIComponent).join(":");
      const response = await fetch(tokenEndpoint, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(login)}` },
        body: new URLSearchParams({ grant_type: "client_credentials" }),
        signal,
      });
      const answer = (await response.json()) as { access_token: string; error?: string };
      if (answer.error === "invalid_client")
        throw new AuthError(
          "ERR_AUTH_GRANT",
          "credential-rejected",
          "the server refused the client's secret",
        );
      return { accessToken: new AccessToken(answer.access_token) };
    },
  };
}
