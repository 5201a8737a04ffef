import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

/** Runs a program in a process of its own, against the sources. */
async function program(text: string): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ["--conditions=src", "--input-type=module", "--eval", text], {
    cwd: import.meta.dirname,
    timeout: 20_000,
  });
}

describe("SEC-136 import has no side effects", () => {
  test.each([
    "@auth/core",
    "@auth/core/debug",
    "@auth/core/default",
    "@auth/core/home",
    "@auth/core/network",
    "@auth/core/payload",
    "@auth/core/resolver",
  ])("%s", async (name) => {
    const { stdout } = await program(`
      const events = ["exit", "beforeExit", "SIGINT", "SIGTERM", "uncaughtException", "unhandledRejection", "warning"];
      const look = () => ({
        globals: Reflect.ownKeys(globalThis).map(String).sort(),
        listeners: events.map((event) => process.listenerCount(event)),
        timers: process.getActiveResourcesInfo().filter((kind) => kind === "Timeout" || kind === "Immediate"),
        environment: JSON.stringify(process.env),
      });
      const touched = [];
      const watch = (owner, member) => {
        const original = owner[member];
        owner[member] = (...args) => { touched.push(member); return Reflect.apply(original, owner, args); };
      };
      for (const member of ["fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) watch(globalThis, member);
      for (const member of ["randomUUID", "getRandomValues"]) watch(crypto, member);
      watch(Math, "random");
      const before = look();
      await import("${name}");
      const after = look();
      console.log(JSON.stringify({ before, after, touched }));
    `);
    const { before, after, touched } = JSON.parse(stdout);
    expect(after).toEqual(before);
    expect(touched).toEqual([]);
  });
});

test("SEC-66 nothing keeps the process alive, not even a token that is renewed when nobody asks", async () => {
  const { stdout } = await program(`
    import { AccessToken, createAuth } from "@auth/core";
    const grant = {
      name: "acme",
      partition: () => "acme",
      exchange: async () => ({
        accessToken: new AccessToken("at", { obtainedAt: new Date(), expiresAt: new Date(Date.now() + 3_600_000) }),
      }),
    };
    const auth = createAuth({ grant, policy: { renewWhenIdle: true } });
    console.log((await auth.getToken()).reveal());
    await createAuth({ grant }).getToken();
  `);
  expect(stdout).toBe("at\n"); // and the process has ended by itself
});

test("SEC-51 a wait that a caller waits for is seen through to its end", async () => {
  const { stdout } = await program(`
    import { createAuth } from "@auth/core";
    const grant = { name: "acme", partition: () => "acme", exchange: () => new Promise(() => {}) };
    const auth = createAuth({ grant, policy: { timeoutMs: 50 } });
    await auth.getToken().catch((error) => console.log(error.reason));
  `);
  expect(stdout).toBe("timeout\n");
});

test("SEC-131 core has no dependencies and imports nothing but itself", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"])
    expect(manifest[kind]).toBeUndefined();
  for (const file of globSync("src/**/*.ts", { cwd: root })) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, from] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      const inExample = text
        .split("\n")
        .some((line) => line.trimStart().startsWith("*") && line.includes(`"${from}"`));
      if (!inExample) expect(from, file).toMatch(/^\.\.?\//);
    }
  }
});

test("there is no module state but that of the default Auth", () => {
  const states = globSync("src/**/*.ts", { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/^(?:export )?(?:let|var) .*$/gm)].map(
      ([line]) => `${file}: ${line}`,
    ),
  );
  expect(states).toEqual([expect.stringMatching(/^src\/default\.ts: let /)]);
});
