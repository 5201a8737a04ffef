import { type Credential, Secret } from "@auth/core";
import { testGrant } from "@auth/testkit";
import { afterAll, describe, test } from "vitest";
import { applicationToken, deviceLogin } from "../src/index.ts";
import { identityProvider } from "./support/identity-provider.ts";
import { yakuServer } from "./support/yaku-server.ts";

const idp = await identityProvider();
const yaku = await yakuServer(idp);
afterAll(async () => {
  await yaku[Symbol.asyncDispose]();
  await idp[Symbol.asyncDispose]();
});

const { token } = yaku.issue();
const other = yaku.issue("another's", "anna").token;
const credential = (text: string) => ({ type: "access-token", token: new Secret(text) }) as const;

testGrant({
  describe,
  test,
  name: "applicationToken",
  create: () => applicationToken({ url: yaku.origin }),
  credential: () => credential(token),
  other: () => credential(other),
  skip: {
    wrong: "a text of another shape is not even sent: see application-tokens.test.ts",
    rotatedSecret: "the same: see there",
    serveWhileFailing: "these tokens have no end",
  },
});

testGrant<Credential>({
  describe,
  test,
  name: "deviceLogin",
  create: () => deviceLogin({ url: yaku.origin }),
  credential: () => credential("not asked for"),
  interaction: (step) => (step.type === "device-code" ? idp.enter(step.userCode) : undefined),
  skip: {
    oldAnswer: "its polls need a clock that moves, and the case holds a request up, which stops it",
    background: "nothing is renewed behind the callers by default: see session.test.ts",
    wrong: "it takes no credential",
    otherAccount: "it takes no credential",
    rotatedSecret: "it takes no credential",
  },
});
