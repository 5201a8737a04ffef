import { type ClientSecretCredential, type Grant, Secret } from "@auth/core";
import { fakeClock, testGrant } from "@auth/testkit";
import { afterAll, describe, test } from "vitest";
import { descartesLabs } from "../src/index.ts";
import { cid, iamServer, sec } from "./support/iam-server.ts";

const clock = fakeClock({ now: Date.now() });
const server = await iamServer(() => clock.now());
afterAll(() => server[Symbol.asyncDispose]());

const of = (clientId: string, secret: string): ClientSecretCredential => ({
  type: "client-secret",
  clientId,
  clientSecret: new Secret(secret),
});

/** Its own are longer retries and no early window; an app may have it otherwise, and then all that the suite asks must hold. */
const create = (): Grant<ClientSecretCredential> => ({
  ...descartesLabs({ domain: server.url, retries: 2 }),
  policy: {},
});

testGrant({
  describe,
  test,
  name: "descartesLabs",
  create,
  credential: () => of(cid, sec),
  wrong: (secret) => of(cid, secret),
  other: () => of("other", sec),
  clock,
});
