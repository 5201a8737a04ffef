import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chain, fixed, Secret } from "@auth/core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Around, askerScript, mark } from "../src/asker-script.ts";
import { fromKeychain, keychainStore } from "../src/index.ts";
import { toAuthError } from "../src/to-auth-error.ts";
import { failing } from "./support/failing.ts";

const ours = new URL("../src/asker-script.ts", import.meta.url).href;
const usual: Around = { url: ours, env: {}, isExecutable: false };
const doing = { source: "keychain acme/alice", what: "get", item: '"alice" of "acme"' } as const;

/** What a caller would hear. */
function refusal(around: Around): string {
  try {
    return `none, but ${askerScript(around)}`;
  } catch (thrown) {
    const { code, reason, message } = toAuthError(thrown, doing);
    return `${code}/${reason} ${message}`;
  }
}

test("the file is found beside this code", () => {
  expect(pathToFileURL(askerScript(usual)).href).toBe(new URL("keychain-process.ts", ours).href);
});

describe("there is no process to ask with, which is no failure of the keychain: a chain goes on", () => {
  test.each<[string, string | undefined]>([
    ["an ES module in one file", pathToFileURL(join(tmpdir(), "nowhere/app.mjs")).href],
    ["CommonJS in one file, where this code does not know its place", undefined],
    ["code that came over the network", "https://cdn.example/keychain.mjs"],
    ["code in a string", "data:text/javascript,"],
  ])("%s", (_, url) => {
    expect(refusal({ ...usual, url })).toMatch(
      /^ERR_AUTH_UNAVAILABLE\/no-backend .* Keep @auth\/keychain out of the bundle/,
    );
  });

  test("a single executable: it would start itself, even where the file is there", () => {
    expect(refusal({ ...usual, isExecutable: true })).toMatch(
      /^ERR_AUTH_UNAVAILABLE\/no-backend .* a single executable/,
    );
  });

  test("a program that was itself started as that process, by whatever packed it", () => {
    expect(refusal({ ...usual, env: { [mark]: "1" } })).toMatch(/^ERR_AUTH_UNAVAILABLE\/no-backend /);
  });

  test("nothing is started, nothing is kept, and the next link answers", async () => {
    vi.stubEnv(mark, "1");
    onTestFinished(() => void vi.unstubAllEnvs());
    const source = fromKeychain({ service: "acme", account: "alice" });
    const noBackend = { code: "ERR_AUTH_UNAVAILABLE", reason: "no-backend" };
    expect(await failing(source.get())).toMatchObject(noBackend);
    expect(await failing(keychainStore().write("work", "text", undefined))).toMatchObject(noBackend);
    const next = fixed({ type: "access-token", token: new Secret("t") });
    expect(await chain(source, next).get()).toMatchObject({ type: "access-token" });
  });
});
