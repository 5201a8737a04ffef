import { type Clock, systemClock } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";
import { ailing, failOn, refused } from "./support/ailing.ts";
import { steppingFiles, systemError } from "./support/stepping-files.ts";
import { storeOn } from "./support/stores.ts";
import { failing, temporary } from "./support/temporary.ts";

const { at } = temporary();
const path = (): string => at("tokens.json");

describe("SEC-71 SEC-80 a write that fails leaves the old file and nothing else", () => {
  test.each(["open", "handle.write", "handle.truncate", "handle.sync", "rename"])("at %s", async (name) => {
    for (const [errno, code, reason] of refused) {
      const secret = canary("token");
      const { store, generation, unharmed } = await ailing(at(), failOn(name, errno));
      const error = await store.write("a", secret.value, generation).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, reason, retryable: code === "ERR_AUTH_UNREACHABLE" });
      secret.check(error);
      expect((error as Error).message).toContain(path());
      await unharmed();
      await tokenFile({ path: path() }).delete("a");
    }
  });

  test("and the next write succeeds", async () => {
    let broken = true;
    const { store, generation } = await ailing(at(), (step) => broken && failOn("handle.sync", "EIO")(step));
    expect(await failing(store.write("a", "new", generation))).toMatchObject({ reason: "save-failed" });
    broken = false;
    expect(await store.write("a", "new", generation)).toBeTypeOf("string");
    expect((await store.read("a"))?.value).toBe("new");
  });
});

test("SEC-71 what is written is on the disk before it has the name, and the name before the write is done", async () => {
  const steps: string[] = [];
  const { store, generation } = await ailing(at(), ({ name, path: each }) => {
    const at = each.includes(".lock") ? undefined : each.endsWith(".tmp") ? "temporary" : each.slice(-11);
    if (at) steps.push(`${name} ${at}`);
  });
  await store.write("a", "new", generation);
  const folder = at().slice(-11);
  const from = steps.indexOf("open temporary");
  expect(steps.slice(from).filter((step) => !/^(stat|readdir)/.test(step))).toEqual([
    "open temporary",
    "handle.write temporary",
    "handle.truncate temporary",
    "handle.sync temporary",
    "rename temporary",
    `open ${folder}`,
    `handle.sync ${folder}`,
    `handle.close ${folder}`,
    "handle.close temporary",
    "unlink temporary",
    "handle.close tokens.json",
  ]);
});

test("SEC-71 a write that the system does in pieces is complete", async () => {
  const { store, generation } = await ailing(at(), () => {});
  const fs = steppingFiles((step) => {
    if (step.name === "handle.write") (step.args as number[])[2] = Math.min(Number(step.args[2]), 7);
  });
  const value = "a long text, written seven bytes at a time";
  await storeOn(path(), { fs }).write("a", value, generation);
  expect((await store.read("a"))?.value).toBe(value);
});

describe("SEC-71 on Windows a rename is tried again", () => {
  async function replaceFailing(times: number) {
    let sleptMs = 0;
    const clock: Clock = {
      ...systemClock,
      async sleep(ms, options) {
        if (options?.background) return systemClock.sleep(ms, options);
        sleptMs += ms;
      },
    };
    const { generation, unharmed } = await ailing(at(), () => {});
    let calls = 0;
    const fs = steppingFiles(({ name }) => {
      if (name === "rename" && calls++ < times)
        throw systemError(["EPERM", "EACCES", "EBUSY"][calls % 3] as string);
    });
    const store = storeOn(path(), { fs, clock, platform: "win32" }, { allowUnsafePermissions: true });
    return { outcome: await failing(store.write("a", "new", generation)), calls, sleptMs, unharmed };
  }

  test("elsewhere the same errors are final", async () => {
    let calls = 0;
    const { store, generation } = await ailing(at(), ({ name }) => {
      if (name !== "rename") return;
      calls++;
      throw systemError("EBUSY");
    });
    expect(await failing(store.write("a", "new", generation))).toMatchObject({ reason: "save-failed" });
    expect(calls).toBe(1);
  });

  test("a few times", async () => {
    expect(await replaceFailing(6)).toMatchObject({ outcome: "no error", calls: 7 });
  });

  test("but not more than 10 times, nor longer than 2 s", async () => {
    const { outcome, calls, sleptMs, unharmed } = await replaceFailing(Number.POSITIVE_INFINITY);
    expect(outcome).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      message: expect.stringContaining("another program"),
    });
    expect(calls).toBe(11);
    expect(sleptMs).toBeGreaterThan(1_000);
    expect(sleptMs).toBeLessThan(2_000);
    await unharmed();
  });
});
