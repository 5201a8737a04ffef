import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessToken, decodeRecord, encodeRecord, Secret } from "@auth/core";
import { testStore } from "@auth/testkit";
import { afterAll, describe, test } from "vitest";
import { yakurc } from "../src/index.ts";

const home = mkdtempSync(join(tmpdir(), "yakurc-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let folder = home;
const open = () => yakurc({ url: "https://yaku.example", path: join(folder, ".yakurc") });

testStore({
  describe,
  test,
  name: "yakurc",
  create() {
    folder = mkdtempSync(join(home, "one-"));
    return open();
  },
  open,
  wrap: {
    in: (text) =>
      encodeRecord({
        tokens: { accessToken: new AccessToken("access"), refreshToken: new Secret(`r${text}`) },
      }),
    out: (value) => decodeRecord(value).tokens.refreshToken?.reveal().slice(1) ?? "",
  },
  skip: {
    generation: "what the file says is the generation: the command line writes none",
    record: "the file has room for tokens, scopes and the end of the session only",
  },
});
