import { Secret } from "@auth/core";
import { testGrant } from "@auth/testkit";
import { afterAll, describe, test } from "vitest";
import { apiClient, userAccount } from "../src/index.ts";
import { client, jamfServer, user } from "./support/jamf-server.ts";

const server = await jamfServer(Date.now);
afterAll(() => server[Symbol.asyncDispose]());
const secret = (text: string): Secret => new Secret(text);
const { clientId } = client;
/** Theirs has no early window; an app may open one, and then all that the suite asks of one must hold. */
const policy = {};

testGrant({
  describe,
  test,
  name: "userAccount",
  create: () => ({ ...userAccount({ server: server.url }), policy }),
  credential: () => ({ type: "password", username: user.username, password: secret(user.password) }),
  wrong: (text) => ({ type: "password", username: user.username, password: secret(text) }),
  other: () => ({ type: "password", username: "other", password: secret("other") }),
});

testGrant({
  describe,
  test,
  name: "apiClient",
  create: () => ({ ...apiClient({ server: server.url }), policy }),
  credential: () => ({ type: "client-secret", clientId, clientSecret: secret(client.clientSecret) }),
  wrong: (text) => ({ type: "client-secret", clientId, clientSecret: secret(text) }),
  other: () => ({ type: "client-secret", clientId: "other", clientSecret: secret("other") }),
});
