import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type IdentityProvider, identityProvider } from "./support/identity-provider.ts";
import { type YakuServer, yakuServer } from "./support/yaku-server.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");
const home = mkdtempSync(join(tmpdir(), "yaku-readme-"));

let idp: IdentityProvider;
let yaku: YakuServer;
beforeAll(async () => {
  idp = await identityProvider({ intervalS: 1 });
  yaku = await yakuServer(idp);
});
afterAll(async () => {
  await yaku[Symbol.asyncDispose]();
  await idp[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

/** Runs an example; the person at the other device reads what it prints. */
async function run(code: string, env: Record<string, string>): Promise<string> {
  const options = ["--conditions=src", "--no-warnings", "--input-type=module-typescript", `--eval=${code}`];
  const child = spawn(process.execPath, options, { cwd: folder, env: { HOME: home, ...env } });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  for await (const chunk of child.stdout) {
    said += String(chunk);
    const code = /^Enter (\S+) at/m.exec(String(chunk))?.[1];
    if (code) await idp.enter(code);
  }
  return said;
}

/** What to look at after each example, and what it is; each goes on with the file of the one before. */
const runs: readonly [look: string, seen: string][] = [
  ["response.status", "200"],
  ["text.slice(0, 8) + all.length + all[0]?.try_admin + typeof elevate", "yakp_aa_1truefunction"],
  ["token.reveal().slice(0, 8)", "yakp_aa_"],
  ["name + token.type", "defaultBearer"],
];

test("the README's examples run as printed", { timeout: 60_000 }, async () => {
  expect(runs).toHaveLength(examples.length);
  for (const [i, [look, seen]] of runs.entries()) {
    const env = { YAKU_URL: yaku.origin, YAKU_TOKEN: yaku.issue("the README's", "anna").token };
    const printed = await run(`${examples[i]}\nconsole.log("<" + (${look}) + ">");`, env);
    expect(printed).toContain(`<${seen}>`);
  }
});
