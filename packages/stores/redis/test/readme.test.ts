import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { redisStore } from "../src/index.ts";
import { describeReal, realServer } from "./support/world.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)];

/** What the README calls yours. */
const yours = `
  const { AccessToken, fixed, Secret } = await import("@auth/core");
  globalThis.credentials = fixed({ type: "api-key", key: new Secret("long-lived") });
  globalThis.grant = {
    name: "example",
    accepts: ["api-key"],
    partition: () => "example",
    exchange: async () => ({ accessToken: new AccessToken("short-lived", { expiresAt: new Date("2100-01-01") }) }),
  };`;

/** For each example: what to look at afterwards, and what that is. */
const runs: [look: string, seen: string][] = [
  ["token.reveal(), (await store.read('nightly')).value.includes('short-lived')", "short-lived true"],
  ["(await store.read('nightly')).generation === generation", "true"],
];

describeReal("README", () => {
  const real = realServer();

  test.each(runs)("example %$ runs as printed: %s", async (look, seen) => {
    const [, code = ""] = examples[runs.findIndex(([own]) => own === look)] ?? [];
    const imports = (code.match(/^import .*\n/gm) ?? []).join("");
    const body = code.slice(imports.length);
    const script = `${imports}{${yours}}\n${body}\nconsole.log(${look}); process.exit();`;
    const args = ["--conditions=src", "--no-warnings", "--input-type=module-typescript", `--eval=${script}`];
    const env = {
      PATH: process.env["PATH"],
      REDIS_URL: `${look.startsWith("token") ? "unix://" : ""}${real.server.socket}`,
      ACME_STORE_KEY: "0".repeat(64),
    };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
    expect(stdout).toBe(`${seen}\n`);
  });

  test("the permissions are those that are needed", async () => {
    const [, line = ""] = /^ACL (.*)$/m.exec(page) ?? [];
    await real.admin.sendCommand(["ACL", ...line.split(" ")]);
    const client = await real.open({ username: "acme", password: "password" });
    const store = redisStore({ client, prefix: "acme:" });
    const generation = await store.write("key", "text", undefined);
    const work = async (lease: { sent?: () => Promise<void> }): Promise<void> => {
      const wait = store.withLock?.("key", async () => {}, { waitMs: 1 });
      await expect(wait).rejects.toMatchObject({ reason: "lock-timeout" });
      await store.prepare?.("key");
      await lease.sent?.();
    };
    await store.withLock?.("key", work);
    for await (const key of store.keys?.() ?? []) expect(key).toBe("key");
    expect((await store.read("key"))?.generation).toBe(generation);
    expect(await store.delete("key", generation)).toBe(true);
    await real.admin.sendCommand(["ACL", "DELUSER", "acme"]);
  });
});

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});
