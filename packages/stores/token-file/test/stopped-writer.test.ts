import { describe, expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";
import { clockAt, deadPid, elsewhere, pass } from "./support/locks.ts";
import { steppingFiles } from "./support/stepping-files.ts";
import { storeOn } from "./support/stores.ts";
import { failing, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const path = (): string => at("tokens.json");
const another = elsewhere({ pid: process.ppid, started: "0" });

/** A writer of another process that is stopped before the given call, with its heartbeats; and one who comes after it. */
async function stoppedBefore(call: string, whose = another) {
  const clock = clockAt();
  const generation = await tokenFile({ path: path() }).write("a", "old", undefined);
  const reached = Promise.withResolvers<void>();
  const wake = Promise.withResolvers<void>();
  let stopped = false;
  const fs = steppingFiles(async ({ name, path: file }) => {
    if (name === call && file.endsWith(".tmp") && !file.includes(".lock")) {
      stopped = true;
      reached.resolve();
    }
    if (stopped) await wake.promise;
  });
  const writing = failing(
    storeOn(path(), { ...whose, fs, clock }).write("a", "of the stopped one", generation),
  );
  await reached.promise;
  return { clock, generation, next: storeOn(path(), { clock }), wake: () => wake.resolve(), writing };
}

describe("SEC-78 a writer that is stopped in the middle", () => {
  test("before it writes: the next one writes, and the stopped one does not undo that", async () => {
    const { clock, generation, next, wake, writing } = await stoppedBefore("open");
    expect(await pass(clock, next.write("a", "of the next one", generation))).toBeTypeOf("string");
    wake();
    expect(await writing).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "lock-lost" });
    expect((await next.read("a"))?.value).toBe("of the next one");
    expect(names()).toEqual(["tokens.json"]);
  });

  test("of replacing the file: the next one waits, and writes nothing", async () => {
    const { clock, generation, next, wake, writing } = await stoppedBefore("rename");
    expect(await pass(clock, failing(next.write("b", "lost", undefined)))).toMatchObject({
      reason: "lock-timeout",
    });
    wake();
    expect(await writing).toBe("no error");
    expect((await next.read("a"))?.value).toBe("of the stopped one");
    expect(await next.write("a", "too late", generation)).toBeUndefined();
    expect(await next.write("b", "kept", undefined)).toBeTypeOf("string");
    expect(names()).toEqual(["tokens.json"]);
  });
});

test("SEC-78 a writer that died while it replaced the file can do no more harm: nobody waits", async () => {
  const { generation, next } = await stoppedBefore("rename", elsewhere({ pid: deadPid, started: "1" }));
  expect(await next.write("a", "at once", generation)).toBeTypeOf("string");
  expect(names()).toEqual(["tokens.json"]);
});
