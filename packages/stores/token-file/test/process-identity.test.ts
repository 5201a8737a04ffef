import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { uptime } from "node:os";
import { describe, expect, test } from "vitest";
import { addressesOf, hasEnded, identifyProcess, type Whereabouts } from "../src/process-identity.ts";

const self = identifyProcess();
const now = Date.now();
const ended = (other: object, lastSeenAt = now): boolean =>
  hasEnded({ ...self, ...other }, self, lastSeenAt, now);

test("SEC-78 a process that is gone has ended, a living one has not", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)"]);
  const pid = child.pid as number;
  const other = { pid, started: "0" };
  expect(ended(other)).toBe(false);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(ended(other)).toBe(true);
});

test("SEC-78 of another host, container or boot nothing is known", () => {
  expect(ended({ pid: 2 ** 22 + 1 })).toBe(true);
  expect(ended({ pid: 2 ** 22 + 1, space: "00000000" })).toBe(false);
});

describe("SEC-78 two machines of one host name that share a home folder", () => {
  const mac: Whereabouts = {
    platform: "darwin",
    host: "MacBook-Pro.local",
    boot: undefined,
    namespace: undefined,
    addresses: ["a4:83:e7:00:00:01"],
  };
  const spaceOf = (about: Partial<Whereabouts>): string => identifyProcess({ ...mac, ...about }).space;

  test("do not judge each other's pids, one machine does", () => {
    expect(spaceOf({})).toBe(spaceOf({}));
    expect(spaceOf({})).not.toBe(spaceOf({ addresses: ["a4:83:e7:00:00:02"] }));
    expect(spaceOf({})).not.toBe(spaceOf({ host: "other.local" }));
    const linux = { platform: "linux", boot: "1", namespace: "pid:[1]" } as const;
    expect(spaceOf(linux)).toBe(spaceOf({ ...linux, addresses: [] }));
    for (const other of [{ boot: "2" }, { namespace: "pid:[2]" }, { host: "other" }])
      expect(spaceOf(linux)).not.toBe(spaceOf({ ...linux, ...other }));
  });

  test("are told apart by the cards that both need for that", () => {
    const card = (mac: string, internal = false) => [
      { mac, internal },
      { mac, internal },
    ];
    const cards = {
      lo0: card("00:00:00:00:00:00", true),
      utun3: card("00:00:00:00:00:00"),
      awdl0: card("6e:21:0b:00:00:09"),
      en7: card("a4:83:e7:00:00:01"),
      en0: card("3a:4b:5c:00:00:02"),
    };
    expect(addressesOf(cards, "darwin")).toEqual(["3a:4b:5c:00:00:02", "a4:83:e7:00:00:01"]);
    expect(addressesOf({ "Wi-Fi": card("3a:4b:5c:00:00:02"), none: undefined }, "win32")).toEqual([
      "3a:4b:5c:00:00:02",
    ]);
  });

  test("where nothing tells them apart, a process knows itself only", () => {
    const unknown: Partial<Whereabouts>[] = [
      { addresses: [] },
      { platform: "linux", boot: "1" },
      { platform: "freebsd" },
    ];
    for (const about of unknown) {
      const space = spaceOf(about);
      expect(space).toMatch(/^[0-9a-f]{8}$/);
      expect(space).toBe(spaceOf(about)); // stores of one process exclude each other
      // Another process, in its place: with a word of its own.
      const script = `import(${JSON.stringify(new URL("../src/process-identity.ts", import.meta.url).href)})
        .then(({ identifyProcess }) => console.log(identifyProcess(${JSON.stringify({ ...mac, ...about })}).space))`;
      const theirs = execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }).trim();
      expect(theirs).toMatch(/^[0-9a-f]{8}$/);
      expect(theirs).not.toBe(space);
    }
  });
});

test("we have not ended ourselves, nor has a process that we may not signal", () => {
  expect(ended({})).toBe(false);
  if (process.platform !== "win32") expect(ended({ pid: process.ppid, started: "0" })).toBe(false);
});

test("SEC-65 where start times are not told, the boot is", () => {
  const other = { pid: self.pid, started: "0" };
  expect(ended(other)).toBe(false);
  const before = now - uptime() * 1000 - 120_000;
  // Linux tells start times, so nobody needs to guess there.
  if (process.platform !== "linux") expect(ended({ pid: process.ppid, started: "0" }, before)).toBe(true);
});

test.runIf(process.platform === "linux")(
  "SEC-65 a pid that was given anew, and a process that is dead but not buried",
  async () => {
    expect(ended({ started: "1" })).toBe(true); // our pid
    expect(ended({ pid: process.ppid, started: "1" })).toBe(true);
    // The parent never asks what became of its child, which stays a zombie.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const zombie = { pid: Number(String(line)), started: "0" };
    try {
      await expect.poll(() => ended(zombie), { timeout: 5_000 }).toBe(true);
      expect(() => process.kill(zombie.pid, 0)).not.toThrow();
    } finally {
      parent.kill("SIGKILL");
      await once(parent, "exit");
    }
  },
);
