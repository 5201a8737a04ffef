import { type Credential, Secret } from "@auth/core";
import { testGrant, tokenServer } from "@auth/testkit";
import { afterAll, describe, test } from "vitest";
import { clientCredentials, deviceCode, privateKeyJwt, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";
import { realServer } from "./real-server.ts";

const server = await tokenServer();
const { issuer, tokenEndpoint, revocationEndpoint, client, user, check } = server;
const real = await realServer();
const { id, keys, stranger } = real.signing;
afterAll(() => Promise.all([server.close(), real.close()]));

const endpoints = { issuer, tokenEndpoint, revocationEndpoint };
const suite = { describe, test, check };
/** A key that the server does not know, which also holds the suite's text. */
const withText = (jwk: object, text: string): Secret => secret(JSON.stringify({ ...jwk, text }));
const secret = (text: string): Secret => new Secret(text);

testGrant({
  ...suite,
  name: "clientCredentials",
  create: () => clientCredentials(endpoints),
  credential: () => ({ type: "client-secret", clientId: client.id, clientSecret: secret(client.secret) }),
  wrong: (text) => ({ type: "client-secret", clientId: client.id, clientSecret: secret(text) }),
  other: () => ({ type: "client-secret", clientId: "other", clientSecret: secret("other") }),
});

const refresh = { type: "refresh-token", account: "alice" } as const;
testGrant({
  ...suite,
  name: "refreshToken",
  create: () => refreshToken({ ...endpoints, clientId: client.id, clientSecret: secret(client.secret) }),
  credential: () => ({ ...refresh, refreshToken: secret(server.seedRefreshToken()) }),
  wrong: (text) => ({ ...refresh, refreshToken: secret("any"), clientSecret: secret(text) }),
  other: () => ({ ...refresh, refreshToken: secret("other"), account: "bob" }),
});

testGrant({
  ...suite,
  name: "password",
  create: () => password({ ...endpoints, clientId: client.id, clientSecret: secret(client.secret) }),
  credential: () => ({ type: "password", username: user.name, password: secret(user.password) }),
  wrong: (text) => ({ type: "password", username: user.name, password: secret(text) }),
  other: () => ({ type: "password", username: "other", password: secret("other") }),
});

testGrant({
  describe,
  test,
  name: "privateKeyJwt",
  create: () => privateKeyJwt(real),
  credential: () => ({ type: "private-key", clientId: id, privateKey: secret(keys.ES256.pem) }),
  wrong: (text) => ({ type: "private-key", clientId: id, privateKey: withText(stranger.jwk, text) }),
  other: () => ({ type: "private-key", clientId: "other", privateKey: secret(keys.ES256.pem) }),
});

testGrant<Credential>({
  describe,
  test,
  name: "deviceCode",
  create: () =>
    deviceCode({ issuer: real.issuer, clientId: real.open.id, scopes: ["openid", "offline_access"] }),
  credential: () => ({ type: "access-token", token: secret("nobody asks for it") }),
  interaction: async (step) => {
    if (step.type === "device-code") await real.enter(step.userCode);
  },
  skip: {
    oldAnswer: "its polls need a clock that moves, and the case holds a request up, which stops it",
    wrong: "it takes no credential",
    otherAccount: "it takes no credential",
    rotatedSecret: "it takes no credential",
  },
});
