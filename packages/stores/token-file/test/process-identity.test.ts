import { spawn } from "node:child_process";
import { once } from "node:events";
import { uptime } from "node:os";
import { expect, test } from "vitest";
import { hasEnded, identifyProcess } from "../src/process-identity.ts";

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
