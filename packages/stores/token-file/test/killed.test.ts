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

interface Course {
  readonly steps: number;
  /** The step that notes the answer. */
  readonly noted: number;
}

/** Runs the change in a process that dies before its step `at`; resolves to its course, if it lived. */
async function change(path: string, at: number, half = "", foreign = ""): Promise<Course | undefined> {
  const args = ["--conditions=src", "--no-warnings", script, path, `${at}`, half, foreign];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as Course;
  } catch (error) {
    const { signal, code } = error as { signal?: string; code?: unknown };
    expect(signal ?? code).toBe("SIGKILL");
    return undefined;
  }
}

/** A file that holds the old login; gives its path. */
async function ours(folder: string): Promise<string> {
  const path = at(`${folder}/tokens.json`);
  const before = tokenFile({ path });
  await before.write("neighbor", "untouched", undefined);
  await before.write("login", "old", undefined);
  return path;
}

async function theirs(folder: string): Promise<string> {
  const path = at(`${folder}/environments.json`);
  const before = foreignOn(path);
  await before.write("neighbor", recordOf("untouched"), undefined);
  await before.write("login", recordOf("old"), undefined);
  return path;
}

/** Kills a process in the change from old to new; resolves to what the next one finds, and goes on from. */
async function killed(folder: string, step: number, half: string): Promise<string> {
  const path = await ours(folder);
  expect(await change(path, step, half)).toBeUndefined();
  const left = readdirSync(at(folder));
  for (const name of left) expect(`${name} ${modeOf(at(`${folder}/${name}`))}`).toBe(`${name} 600`);
  const { entries } = JSON.parse(readFileSync(path, "utf8")) as { entries: Record<string, { text: string }> };
  expect(entries["neighbor"]?.text).toBe("untouched");

  // Whoever comes next goes on, and cleans up.
  const next = tokenFile({ path, ...settings });
  const value = await next.withLock("login", async () => {
    const found = await next.read("login");
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

    /** Which steps: some of them, and those about the one that notes the answer. */
    const chosen = ({ steps, noted }: Course, stride: number): number[] =>
      Array.from({ length: steps }, (_, step) => step + 1).filter(
        (step) => soak || step % stride === 1 % stride || Math.abs(step - noted) < 3,
      );

    /** Dies at each of the steps, three at a time. From the moment that the answer is noted, it is not lost. */
    async function deaths(course: Course, stride: number, die: (step: number) => Promise<string>) {
      const wrong: string[] = [];
      const steps = chosen(course, stride);
      const dieOn = async (): Promise<void> => {
        for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
          const found = await die(step);
          if (found !== (step > course.noted ? "new" : "old")) wrong.push(`${found} at ${step}`);
        }
      };
      await Promise.all([dieOn(), dieOn(), dieOn()]);
      return wrong;
    }

    test("before each call of the file system", { timeout: 300_000 }, async () => {
      const course = (await change(await ours("rehearsal"), never)) as Course;
      expect(course.steps).toBeGreaterThan(40);
      expect(course.noted).toBeGreaterThan(20);
      expect(await deaths(course, 6, (step) => killed(`${step}`, step, ""))).toEqual([]);
    });

    test("in the middle of each write", { timeout: 120_000 }, async () => {
      const course = (await change(await ours("rehearsal"), never, "half")) as Course;
      expect(course.steps).toBeGreaterThan(3);
      expect(await deaths(course, 1, (step) => killed(`half${step}`, step, "half"))).toEqual([]);
    });

    test("in a file that is shared with another program", { timeout: 300_000 }, async () => {
      const course = (await change(await theirs("rehearsal"), never, "", "foreign")) as Course;
      expect(course.steps).toBeGreaterThan(40);
      expect(await deaths(course, 9, (step) => killedIn(`f${step}`, step))).toEqual([]);
    });
  },
);

/** The same in a foreign file. */
async function killedIn(folder: string, step: number): Promise<string> {
  const path = await theirs(folder);
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
