import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";
import { temporary } from "./support/temporary.ts";

const folder = new URL("..", import.meta.url);
const examples = [...readFileSync(new URL("README.md", folder), "utf8").matchAll(/^```ts\n(.*?)^```/gms)];
const { at, put } = temporary();

/** What the README calls yours. */
const yours = `
  import { AccessToken, fixed, Secret } from "@auth/core";
  globalThis.credentials = fixed({ type: "api-key", key: new Secret("long-lived") });
  globalThis.grant = {
    name: "example",
    accepts: ["api-key"],
    partition: () => "example",
    exchange: async () => ({ accessToken: new AccessToken("short-lived", { expiresAt: new Date("2100-01-01") }) }),
  };`;

/** For each example: what to look at afterwards, and what that is. */
const runs: [look: string, seen: string][] = [
  ["token.reveal(), (await store.read('work')).value.includes('short-lived')", "short-lived true"],
  ['headers.get("authorization")', "Bearer from-elsewhere"],
  ["credential.type, credential.refreshToken.reveal()", "refresh-token long-lived"],
  ["outcome", "one at a time, on the whole machine"],
  ["login.value.includes('theirs')", "true"],
];

test.each(runs)("README example %$ runs as printed: %s", async (look, seen) => {
  mkdirSync(at("home"), { mode: 0o700 });
  put("home/.acme/token.json", '{"access_token":"from-elsewhere","expires_at":4102444800}');
  put("home/.other/credentials", '{"access_token":"theirs","refresh_token":"r"}');
  await tokenFile({ path: at("home/.acme/tokens.json") }).write(
    "work",
    JSON.stringify({
      schema: 1,
      tokens: { accessToken: { value: "a", type: "Bearer", id: "1" }, refreshToken: "long-lived" },
    }),
    undefined,
  );
  const [, code = ""] = examples[runs.findIndex(([own]) => own === look)] ?? [];
  const imports = (code.match(/^import .*\n/gm) ?? []).join("");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      "--input-type=module-typescript",
      `--eval=${imports}{${yours.replace(/import.*/, "const { AccessToken, fixed, Secret } = await import('@auth/core');")}}
      ${code.slice(imports.length)}
      console.log(${look});`,
    ],
    { cwd: folder, env: { HOME: at("home"), USERPROFILE: at("home"), LOCALAPPDATA: at("home") } },
  );
  expect(stdout).toBe(`${seen}\n`);
});

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});
