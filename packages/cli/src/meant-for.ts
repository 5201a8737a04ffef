import { AuthError, type Credential, type Provider, Secret } from "@auth/core";
import type { GrantConfig } from "./config/config.ts";
import { credentialType } from "./credential-type.ts";

/**
 * A bare secret means what the grant needs: `env:ACME_KEY` is an API key for `api-key`, a password for `password` with a
 * `username`, a client secret for `client-credentials` with a `clientId`. Whoever says more than a bare secret is believed.
 */
export function meantFor(grant: GrantConfig, provider: Provider): Provider {
  return {
    name: provider.name,
    get interactive() {
      return provider.interactive === true;
    },
    get: async (options) => meaning(grant, await provider.get(options), provider.name),
    ...(provider.explain && { explain: (options) => provider.explain?.(options) as never }),
    async [Symbol.asyncDispose]() {
      await provider[Symbol.asyncDispose]?.();
    },
  };
}

/** Errors: `ERR_AUTH_INVALID/credential-type` if it is something that the grant cannot use. */
export function meaning(grant: GrantConfig, credential: Credential, source: string): Credential {
  // Not a credential at all: core says so, in words that hold for every program.
  if (typeof Object(credential).type !== "string") return credential;
  const meant = bareMeaning(grant, credential);
  const wanted = credentialType(grant);
  if (meant.type === wanted || (grant.type === "basic" && meant.type === "client-secret")) return meant;
  const missing = wanted && credential.type === "access-token" ? lacking[wanted] : undefined;
  throw new AuthError(
    "ERR_AUTH_INVALID",
    "credential-type",
    `${source}: holds a credential of type ${meant.type}, and ${grant.type} takes ${wanted ?? "none"}. ${missing ?? "Name another source, or another grant."}`,
    { provider: source },
  );
}

/** What standard input, a file or a variable may hold for it, in words. */
export function readable(grant: GrantConfig): string {
  const wanted = credentialType(grant);
  const isBare = bareMeaning(grant, { type: "access-token", token: new Secret("-") }).type === wanted;
  return [isBare && "the secret", wanted && asJson[wanted]].filter(Boolean).join(" or ");
}

type Words = { readonly [type in Credential["type"]]?: string };

const asJson: Words = {
  "client-secret": '{"client_id":"…","client_secret":"…"}',
  "private-key": '{"client_id":"…","private_key":"…"}',
  password: '{"username":"…","password":"…"}',
};

const lacking: Words = {
  "client-secret": `If it is the client's secret, say whose: "clientId" in the profile's grant, or ${asJson["client-secret"]} in its place.`,
  "private-key": `If it is the client's key, say whose: "clientId" in the profile's grant, or ${asJson["private-key"]} in its place.`,
  password: `If it is a password, say whose: "username" in the profile's grant, or ${asJson.password} in its place.`,
};

function bareMeaning(grant: GrantConfig, credential: Credential): Credential {
  if (credential.type !== "access-token") return credential;
  const { type: _, token, ...facts } = credential;
  const clientId = "clientId" in grant ? grant.clientId : undefined;
  const username = "username" in grant ? grant.username : undefined;
  switch (credentialType(grant)) {
    case "api-key":
      return { ...facts, type: "api-key", key: token };
    case "refresh-token":
      return { ...facts, type: "refresh-token", refreshToken: token };
    case "client-secret":
      return clientId === undefined
        ? credential
        : { ...facts, type: "client-secret", clientId, clientSecret: token };
    case "private-key":
      return clientId === undefined
        ? credential
        : { ...facts, type: "private-key", clientId, privateKey: token };
    case "password":
      return username === undefined
        ? credential
        : { account: username, ...facts, type: "password", username, password: token };
    default:
      return credential;
  }
}
