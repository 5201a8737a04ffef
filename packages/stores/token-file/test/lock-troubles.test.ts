import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { clockAt, elapse, elsewhere, held, lockOn, pass } from "./support/locks.ts";
import { type Hooks, steppingFiles, systemError } from "./support/stepping-files.ts";
import { storeOn } from "./support/stores.ts";
import { failing, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const mine = async (): Promise<string> => "mine";
const another = elsewhere({ pid: process.ppid, started: "0" }); // a living process that is not this one

type Before = NonNullable<Hooks["before"]>;
const denied: Before = ({ name }) => {
  if (name === "handle.utimes") throw systemError("ERR_ACCESS_DENIED");
};

describe("SEC-78 a heartbeat", () => {
  test("whose time may not be set is told by the content", async () => {
    const clock = clockAt();
    const holder = lockOn(at(), clock, { ...another, fs: steppingFiles(denied) });
    const holding = await held(holder);
    const lock = at("test.lock");
    const seen = (): bigint => statSync(lock, { bigint: true }).mtimeNs;
    const text = readFileSync(lock, "utf8");
    for (let beats = 0; beats < 3; beats++) {
      const before = seen();
      const later = async (): Promise<bigint> => {
        await clock.advance(5_000);
        return seen();
      };
      await expect.poll(later, { timeout: 30_000 }).toBeGreaterThan(before);
      expect(readFileSync(lock, "utf8")).toBe(text);
    }
    expect(holding.lease.signal.aborted).toBe(false);
    await holding.release();
    expect(names()).toEqual([]);
  });

  test("that fails when the lock is taken leaves no lock behind", async () => {
    const clock = clockAt();
    let ill = true;
    const fs = steppingFiles(({ name, path }) => {
      if (ill && path.endsWith(".tmp") && (name === "handle.utimes" || name === "handle.datasync"))
        throw systemError("EIO");
    });
    const lock = lockOn(at(), clock, { fs });
    expect(await failing(lock.withLock("key", mine))).toMatchObject({ reason: "save-failed" });
    expect(names()).toEqual([]);
    ill = false;
    expect(await lockOn(at(), clock).withLock("key", mine, { waitMs: 0 })).toBe("mine");
  });

  test("that fails when a dead one's lock is taken over leaves none either", async () => {
    const clock = clockAt();
    const { promise } = Promise.withResolvers<never>();
    const stuck = {
      ...elsewhere({ pid: 2 ** 22 + 1, started: "1" }),
      clock: { ...clock, sleep: () => promise },
    };
    await held(lockOn(at(), clock, stuck));
    const fs = steppingFiles(({ name }) => {
      if (name === "handle.utimes" || name === "handle.datasync") throw systemError("EIO");
    });
    expect(await failing(lockOn(at(), clock, { fs }).withLock("key", mine))).toMatchObject({
      reason: "save-failed",
    });
    expect(await lockOn(at(), clock).withLock("key", mine, { waitMs: 0 })).toBe("mine");
    expect(names()).toEqual([]);
  });

  test("SEC-59 of a holder that has sent goes on when the disk comes back, however long it was away", async () => {
    const clock = clockAt();
    let away = false;
    const fs = steppingFiles(() => {
      if (away) throw systemError("EIO");
    });
    const holder = lockOn(at(), clock, { ...another, fs });
    const holding = await held(holder, true);
    away = true;
    await elapse(clock, 300_000, 5_000);
    expect(holding.lease.signal.aborted).toBe(false);
    away = false;
    await elapse(clock, 10_000, 1_000);
    const refused = await failing(pass(clock, lockOn(at(), clock).withLock("key", mine, { waitMs: 2_000 })));
    expect(refused).toMatchObject({ reason: "lock-timeout" });
    const { message } = refused as Error;
    expect(message).toMatch(
      /: process \d+ on \S+ took it \d{3} s ago and gave its last sign of life \d+ s ago\. It has sent/,
    );
    expect(message).toContain("Ending it may end the login");
    await holding.release();
    expect(names()).toEqual([]);
  });

  test("before it has sent, the lock is lost when the disk is away for too long", async () => {
    const clock = clockAt();
    let away = false;
    const fs = steppingFiles(() => {
      if (away) throw systemError("EIO");
    });
    const holding = await held(lockOn(at(), clock, { ...another, fs }));
    away = true;
    await elapse(clock, 40_000, 1_000);
    expect(holding.lease.signal.reason).toMatchObject({ reason: "lock-lost" });
    away = false;
    await holding.release();
  });
});

describe("SEC-80 a file system without hard links", () => {
  const codes = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];
  test.each(codes)("is named as what it is, whatever is done (%s)", async (code) => {
    const store = storeOn(at("tokens.json"), {
      fs: steppingFiles(({ name }) => {
        if (name === "link") throw systemError(code);
      }),
    });
    const what = {
      code: "ERR_AUTH_UNAVAILABLE",
      reason: "unsupported-file-system",
      message: expect.stringContaining("hard links"),
    };
    expect(await failing(store.withLock("a", mine))).toMatchObject(what);
    expect(await failing(store.write("a", "{}", undefined))).toMatchObject(what);
    expect(names()).toEqual([]);
  });
});

const child = fileURLToPath(new URL("children/restricted.ts", import.meta.url));
test("under Node's permission model a login is kept, renewed and shared", () => {
  mkdirSync(at("state"), { mode: 0o700 });
  const run = (...more: string[]): string =>
    execFileSync(
      process.execPath,
      [
        "--permission",
        `--allow-fs-read=${fileURLToPath(new URL("../../../..", import.meta.url))}`,
        `--allow-fs-read=${at("state")}`,
        `--allow-fs-write=${at("state")}`,
        "--conditions=src",
        child,
        at("state/tokens.json"),
        ...more,
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
    ).trim();
  expect(run()).toBe("first, second, renewed after three heartbeats");
  expect(run("again")).toBe("renewed after three heartbeats");
  expect(names("state")).toEqual(["tokens.json"]);
});
