import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";
import { foreignOn, recordOf, textOf } from "./support/foreign.ts";
import { modeOf, posix, temporary } from "./support/temporary.ts";

const { at } = temporary();
const script = fileURLToPath(new URL("children/kill-at.ts", import.meta.url));
/** All of them take a minute. */
const soak = Boolean(process.env["AUTH_TEST_SOAK"]);
const settings = { heartbeatMs: 5, staleMs: 10, sentStaleMs: 20 };

/** Runs the change in a process that dies before its step `at`; resolves to how many steps it came to, if it lived. */
async function change(path: string, at: number, half = "", foreign = ""): Promise<number | undefined> {
  const args = ["--conditions=src", "--no-warnings", script, path, `${at}`, half, foreign];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return Number(stdout);
  } catch (error) {
    const { signal, code } = error as { signal?: string; code?: unknown };
    expect(signal ?? code).toBe("SIGKILL");
    return undefined;
  }
}

/** Kills a process in the change from old to new; resolves to what the next one finds. */
async function killed(folder: string, step: number, half: string): Promise<string> {
  const path = at(`${folder}/tokens.json`);
  const before = tokenFile({ path });
  await before.write("login", "old", undefined);
  await before.write("neighbor", "untouched", undefined);
  expect(await change(path, step, half)).toBeUndefined();
  const left = readdirSync(at(folder));
  if (posix)
    for (const name of left) expect(`${name} ${modeOf(at(`${folder}/${name}`))}`).toBe(`${name} 600`);
  const { entries } = JSON.parse(readFileSync(path, "utf8")) as { entries: Record<string, { text: string }> };
  expect(entries["neighbor"]?.text).toBe("untouched");

  // Whoever comes next goes on, and cleans up.
  const next = tokenFile({ path, ...settings });
  const value = await next.withLock("login", async () => {
    const found = await next.read("login");
    expect(found?.value).toBe(entries["login"]?.text);
    expect(await next.write("login", "next", found?.generation)).toBeTypeOf("string");
    return found?.value ?? "";
  });
  expect(readdirSync(at(folder))).toEqual(["tokens.json"]);
  return value;
}

describe.skipIf(!posix)(
  "SEC-58 SEC-71 SEC-78 a process killed at any step leaves the old login or the new one, complete",
  () => {
    const never = Number.POSITIVE_INFINITY;

    /** What is left after every `stride`th of the deaths, three at a time. */
    async function deaths(count: number, stride: number, half = ""): Promise<string[]> {
      const values: string[] = [];
      let taken = 0;
      const dieOn = async (): Promise<void> => {
        for (let mine = taken++; mine * stride < count; mine = taken++)
          values[mine] = await killed(`${half}${mine}`, mine * stride + 1, half);
      };
      await Promise.all([dieOn(), dieOn(), dieOn()]);
      return values;
    }

    test("before each call of the file system", { timeout: 300_000 }, async () => {
      const steps = (await change(at("rehearsal.json"), never)) ?? 0;
      expect(steps).toBeGreaterThan(40);
      // First old, from some step on new, and never anything else.
      expect((await deaths(steps, soak ? 1 : 4)).join(" ")).toMatch(/^(old )+(new ?)+$/);
    });

    test("in the middle of each write", { timeout: 120_000 }, async () => {
      const writes = (await change(at("rehearsal.json"), never, "half")) ?? 0;
      expect(writes).toBeGreaterThan(3);
      expect(new Set(await deaths(writes, 1, "half"))).toEqual(new Set(["old"]));
    });
  },
);

describe.skipIf(!posix)("SEC-58 SEC-71 the same in a file that is shared with another program", () => {
  /** Kills a process in the change from old to new; resolves to what the next one finds, and goes on from. */
  async function killedIn(folder: string, step: number): Promise<string> {
    const path = at(`${folder}/environments.json`);
    const before = foreignOn(path);
    await before.write("neighbor", recordOf("untouched"), undefined);
    await before.write("login", recordOf("old"), undefined);
    expect(await change(path, step, "", "foreign")).toBeUndefined();
    for (const name of readdirSync(at(folder))) expect(modeOf(at(`${folder}/${name}`))).toBe("600");
    const next = foreignOn(path, {}, settings);
    const text = await next.withLock("login", async () => {
      const found = await next.read("login");
      expect(await next.write("login", recordOf("next"), found?.generation)).toBeTypeOf("string");
      return textOf(found?.value ?? "");
    });
    expect(textOf((await next.read("neighbor"))?.value ?? "")).toBe("untouched");
    expect(readdirSync(at(folder))).toEqual(["environments.json"]);
    return text;
  }

  test("a process killed before any of its steps", { timeout: 300_000 }, async () => {
    const steps = (await change(at("rehearsal.json"), Number.POSITIVE_INFINITY, "", "foreign")) ?? 0;
    expect(steps).toBeGreaterThan(40);
    const found: string[] = [];
    for (let step = 1; step <= steps; step += soak ? 1 : 6) found.push(await killedIn(`f${step}`, step));
    expect(found.join(" ")).toMatch(/^(old )+(new ?)+$/);
  });
});
