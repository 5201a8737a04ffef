import { execFile } from "node:child_process";
import { lookup } from "node:dns";
import { existsSync, readFile } from "node:fs";
import { stat } from "node:fs/promises";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { sideEffects } from "../src/index.ts";

test.each<[string, () => unknown]>([
  ["a file, synchronously", () => existsSync(import.meta.filename)],
  ["a file, by callback", () => readFile(import.meta.filename, () => {})],
  ["a file, by promise", () => stat(import.meta.filename)],
  ["a socket", () => connect(49_151, "127.0.0.1").on("error", () => {})],
  ["a name look-up", () => lookup("localhost", () => {})],
  ["a process", () => execFile(process.execPath, ["--version"], () => {})],
  ["a timer", () => clearTimeout(setTimeout(() => {}, 0))],
  ["a request", () => void fetch("http://127.0.0.1:49151/").catch(() => {})],
  ["a variable of the environment", () => process.env["AUTH_NOBODY_SETS_THIS"]],
  ["whether there is a variable", () => "AUTH_NOBODY_SETS_THIS" in process.env],
  ["a copy of the environment", () => Object.keys(process.env)],
  [
    "something in a later turn",
    async () => {
      await Promise.resolve();
      existsSync(import.meta.filename);
    },
  ],
])("it sees %s", async (_, work) => {
  expect(await sideEffects(work)).not.toEqual([]);
});

test("it sees nothing in thinking, and nothing that others do meanwhile", async () => {
  const think = async (): Promise<string> => {
    const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const bytes = await crypto.subtle.sign("HMAC", key, crypto.getRandomValues(new Uint8Array(8)));
    return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
  };
  const work = sideEffects(think);
  existsSync(import.meta.filename);
  void stat(import.meta.filename);
  expect(await work).toEqual([]);
});

test("it leaves everything as it was, also after a failure", async () => {
  const before = existsSync;
  const { env } = process;
  await expect(sideEffects(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(existsSync).toBe(before);
  expect(process.env).toBe(env);
});

test("an environment that somebody keeps goes on working", async () => {
  let kept: NodeJS.ProcessEnv = {};
  const effects = await sideEffects(() => {
    kept = process.env;
  });
  expect(effects).toEqual([]);
  kept["AUTH_TESTKIT_KEPT"] = "yes";
  onTestFinished(() => {
    delete process.env["AUTH_TESTKIT_KEPT"];
  });
  expect(process.env["AUTH_TESTKIT_KEPT"]).toBe("yes");
  expect({ ...kept }).toEqual({ ...process.env });
});
