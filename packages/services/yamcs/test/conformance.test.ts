import { Secret } from "@auth/core";
import { testGrant } from "@auth/testkit";
import { afterAll, describe, test } from "vitest";
import { serviceAccount, storedTokens, userAccount } from "../src/index.ts";
import { oddService } from "./support/world.ts";
import { user, yamcsServer } from "./support/yamcs-server.ts";

const server = await yamcsServer(Date.now);
server.services.set(oddService.id, oddService);
server.loginsPerSecond = Number.POSITIVE_INFINITY;
afterAll(() => server[Symbol.asyncDispose]());

const { url } = server;
const secret = (text: string): Secret => new Secret(text);

testGrant({
  describe,
  test,
  name: "userAccount",
  create: () => userAccount({ url }),
  credential: () => ({ type: "password", username: user.username, password: secret(user.password) }),
  wrong: (text) => ({ type: "password", username: user.username, password: secret(text) }),
  other: () => ({ type: "password", username: "operator", password: secret("operator") }),
});

const kept = { type: "refresh-token", account: "admin" } as const;
testGrant({
  describe,
  test,
  name: "storedTokens",
  create: () => storedTokens({ url }),
  credential: () => ({ ...kept, refreshToken: secret(server.seedRefreshToken()) }),
  other: () => ({ ...kept, refreshToken: secret("other"), account: "operator" }),
  skip: {
    wrong: "what can be wrong is the refresh token, which has a reason of its own: see yamcs 17",
    rotatedSecret: "likewise",
  },
});

testGrant({
  describe,
  test,
  name: "serviceAccount",
  create: () => serviceAccount({ url, become: "operator" }),
  credential: () => ({
    type: "client-secret",
    clientId: oddService.id,
    clientSecret: secret(oddService.secret),
  }),
  wrong: (text) => ({ type: "client-secret", clientId: oddService.id, clientSecret: secret(text) }),
  other: () => ({ type: "client-secret", clientId: "other", clientSecret: secret("other") }),
});
