import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locked, memoryStore, type TokenStore } from "@auth/core";
import { testProvider, testStore } from "@auth/testkit";
import { afterAll, describe, test } from "vitest";
import { fileLock, fromTokenFile, tokenFile } from "../src/index.ts";
import { forgiveLateWork } from "./support/late-work.ts";

const home = mkdtempSync(join(tmpdir(), "auth-token-file-"));
const empty = (): void => rmSync(join(home, "folder"), { recursive: true, force: true });
afterAll(() => rmSync(home, { recursive: true, force: true }));
forgiveLateWork();

const inFile = (): TokenStore => tokenFile({ path: join(home, "folder", "tokens.json") });
testStore({ describe, test, name: "tokenFile", create: inFile, open: inFile, cleanup: empty });

let memory = memoryStore();
const beside = (): TokenStore => locked(memory, fileLock({ directory: join(home, "locks") }));
function anew(): void {
  memory = memoryStore();
}
testStore({ describe, test, name: "fileLock", create: beside, open: beside, cleanup: anew });

const path = join(home, "token.json");
const put = (json: string): void => writeFileSync(path, json, { mode: 0o600 });
testProvider({
  describe,
  test,
  name: "fromTokenFile",
  create: () => fromTokenFile({ path }),
  arrange: {
    present: (secret) => put(JSON.stringify({ refresh_token: secret, expires_at: 4_102_444_800 })),
    absent: () => rmSync(path, { force: true }),
    malformed: (secret) => put(`{"refresh_token":"${secret}"`),
    halfConfigured: (secret) => put(JSON.stringify({ client_secret: secret })),
  },
  reveal: (credential) => (credential.type === "refresh-token" ? credential.refreshToken.reveal() : ""),
  skip: { denied: "needs another user: see from-token-file.test.ts" },
});
