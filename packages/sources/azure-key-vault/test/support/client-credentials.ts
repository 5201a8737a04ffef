import { AccessToken, AuthError, type ClientSecretCredential, type Grant } from "@auth/core";

/** Client credentials (RFC 6749 §4.4) in their smallest form: what rotation needs of a grant. */
export function clientCredentials(tokenEndpoint: string): Grant<ClientSecretCredential> {
  return {
    name: "client credentials",
    accepts: ["client-secret"],
    partition: (credential) => credential && `${tokenEndpoint} ${credential.clientId}`,
    async exchange(credential, { fetch, signal }) {
      const { clientId = "", clientSecret } = credential ?? {};
      const response = await fetch(tokenEndpoint, {
        method: "POST",
        signal,
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret?.reveal()}`)}` },
        body: new URLSearchParams({ grant_type: "client_credentials" }),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      if (answer["error"] === "invalid_client")
        throw new AuthError("ERR_AUTH_GRANT", "credential-rejected", "the server refuses this secret");
      return { accessToken: new AccessToken(String(answer["access_token"])) };
    },
  };
}
