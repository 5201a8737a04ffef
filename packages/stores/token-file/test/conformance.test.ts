import { rmSync, writeFileSync } from "node:fs";
import { locked, memoryStore, type TokenStore } from "@auth/core";
import { testProvider, testStore } from "@auth/testkit";
import { describe, test } from "vitest";
import { foreignFile } from "../src/foreign.ts";
import { fileLock, fromTokenFile, tokenFile } from "../src/index.ts";
import { environments, recordOf, textOf } from "./support/foreign.ts";
import { forgiveLateWork } from "./support/late-work.ts";
import { temporary } from "./support/temporary.ts";

const { at } = temporary();
forgiveLateWork();

const inFile = (): TokenStore => tokenFile({ path: at("folder/tokens.json") });
testStore({ describe, test, name: "tokenFile", create: inFile, open: inFile });

const shared = (): TokenStore => foreignFile({ path: at("folder/environments.json"), format: environments });
testStore({
  describe,
  test,
  name: "foreignFile",
  create: shared,
  open: shared,
  wrap: { in: recordOf, out: textOf },
  skip: {
    generation: "what the file says is the generation: the other program writes none",
    record: "the format has room for tokens and expiry only",
  },
});

let memory = memoryStore();
const beside = (): TokenStore => locked(memory, fileLock({ directory: at("locks") }));
function anew(): TokenStore {
  memory = memoryStore();
  return beside();
}
testStore({ describe, test, name: "fileLock", create: anew, open: beside });

const put = (json: string): void => writeFileSync(at("token.json"), json, { mode: 0o600 });
testProvider({
  describe,
  test,
  name: "fromTokenFile",
  create: () => fromTokenFile({ path: at("token.json") }),
  arrange: {
    present: (secret) => put(JSON.stringify({ refresh_token: secret, expires_at: 4_102_444_800 })),
    absent: () => rmSync(at("token.json"), { force: true }),
    malformed: (secret) => put(`{"refresh_token":"${secret}"`),
    halfConfigured: (secret) => put(JSON.stringify({ client_secret: secret })),
  },
  reveal: (credential) => (credential.type === "refresh-token" ? credential.refreshToken.reveal() : ""),
  skip: {
    denied: "needs another user: see from-token-file.test.ts",
    unreachable: "nobody breaks a disk for a test",
    slow: "nobody makes a disk hang for a test",
  },
});
