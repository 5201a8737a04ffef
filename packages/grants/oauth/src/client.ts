import { AuthError, type Clock, type Secret } from "@auth/core";
import {
  type AuthorizationServer,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  modifyAssertion,
  None,
  PrivateKeyJwt,
} from "oauth4webapi";
import type { AssertionAudience, ClientAuthMethod, ClientOptions } from "./client-options.ts";
import { importKey, type PrivateKey } from "./private-key.ts";
import { sendable } from "./sendable.ts";

/** Who asks, and the proof. */
export interface Client {
  readonly clientId: string;
  readonly method: ClientAuthMethod;
  readonly secret?: Secret | undefined;
  readonly key?: PrivateKey | undefined;
  readonly audience?: AssertionAudience | undefined;
  /** Where the secret comes from, for messages. */
  readonly source: string;
}

/** The client that the options describe; the credential may bring the secret. */
export function describeClient(
  options: ClientOptions,
  clientId: string,
  source: string,
  secret: Secret | undefined = options.clientSecret,
): Client {
  const { privateKey, keyId, algorithm, assertionAudience: audience } = options;
  const method = options.clientAuth ?? (privateKey ? "private_key_jwt" : secret ? "basic" : "none");
  const key = privateKey && { privateKey, keyId, algorithm };
  return { clientId, method, secret, key, audience, source };
}

/** What kind of proof goes out with its requests. */
export function proofOf({ method }: Pick<Client, "method">): "secret" | "assertion" | "none" {
  return method === "none" ? "none" : method === "private_key_jwt" ? "assertion" : "secret";
}

/** What oauth4webapi authenticates the client with: one method, and no second try with another (SEC-35). */
export async function clientAuth(
  client: Client,
  server: AuthorizationServer,
  clock: Clock,
): Promise<ClientAuth> {
  const { method, source, secret, key } = client;
  sendable(client.clientId, "client id", source);
  if (method === "none") return None();
  if (method === "private_key_jwt") return key ? assertion(client, key, server, clock) : missing(client);
  if (!secret) return missing(client);
  const text = sendable(secret.reveal(), "client secret", source);
  return method === "basic" ? ClientSecretBasic(text) : ClientSecretPost(text);
}

async function assertion(
  { source, audience }: Client,
  from: PrivateKey,
  server: AuthorizationServer,
  clock: Clock,
): Promise<ClientAuth> {
  const { key, keyId, algorithm } = await importKey(from, source);
  return PrivateKeyJwt(keyId === undefined ? key : { key, kid: keyId }, {
    [modifyAssertion](header, payload) {
      const now = Math.floor(clock.now() / 1_000);
      header["alg"] = algorithm; // the key itself does not tell EdDSA from Ed25519
      payload["aud"] = (audience === "token-endpoint" && server.token_endpoint) || server.issuer;
      payload["iat"] = now;
      payload["exp"] = now + 60;
      delete payload["nbf"]; // it would only fail where our clock is ahead
    },
  });
}

function missing({ method, source }: Client): never {
  throw new AuthError(
    "ERR_AUTH_INVALID",
    "client-secret-missing",
    `${source}: clientAuth "${method}" needs a client ${method === "private_key_jwt" ? "key" : "secret"}, and there is none. Add it to the credential or the options.`,
    { provider: source },
  );
}
