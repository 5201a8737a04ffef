import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { linkSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { raceProcesses } from "@auth/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { fileLock, tokenFile } from "../src/index.ts";
import { formatHolder } from "../src/lock-chain.ts";
import { identifyProcess } from "../src/process-identity.ts";
import { deadPid } from "./support/locks.ts";
import { failing, modeOf, posix, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
/** Older versions of Node warn of types that they strip. */
const execArgv = [...process.execArgv, "--no-warnings"];
const increment = new URL("children/increment.ts", import.meta.url);
const contend = new URL("children/contend.ts", import.meta.url);
const hold = new URL("children/hold.ts", import.meta.url);

describe("SEC-56 SEC-65 processes that share a file", () => {
  test.each([
    ["under the lock", true, 8, 12],
    ["by comparing alone", false, 4, 6],
  ])("lose nothing, %s", { timeout: 120_000 }, async (_, locked, count, times) => {
    const path = at("tokens.json");
    const results = await raceProcesses({
      script: increment,
      count,
      input: { path, times, locked },
      execArgv,
    });
    for (const { code, stderr, reports } of results) {
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(reports).toEqual([{ conflicts: locked ? 0 : expect.any(Number) }]);
    }
    const store = tokenFile({ path });
    expect((await store.read("shared"))?.value).toBe(String(count * times));
    for (let index = 0; index < count; index++)
      expect((await store.read(`login ${index}`))?.value).toBe(String(times));
    expect(names()).toEqual(["tokens.json"]);
    if (posix) expect(modeOf(path)).toBe("600");
  });

  test("SEC-78 of many who find the lock of a dead holder, one at a time gets it", {
    timeout: 120_000,
  }, async () => {
    const rounds = 6;
    const results = await raceProcesses({
      script: contend,
      count: 12,
      input: { directory: at("locks"), marker: at("marker"), rounds },
      execArgv,
      onBarrier: () => plantDead("locks", "contended"),
    });
    expect(results.map(({ stderr }) => stderr).join("")).toBe("");
    expect(results.flatMap(({ reports }) => reports)).toEqual(
      Array.from({ length: 12 * rounds }, () => "alone"),
    );
    expect(names("locks")).toEqual([]);
  });
});

/** A lock whose holder died the moment before. */
async function plantDead(folder: string, key: string): Promise<void> {
  const directory = at(folder);
  await fileLock({ directory }).withLock("make the folder", async () => {});
  const nonce = createHash("md5").update(String(process.hrtime.bigint())).digest("hex");
  const holder = { ...identifyProcess(), pid: deadPid, started: "1", nonce, host: "here", since: Date.now() };
  const lock = `${createHash("sha256").update(key).digest("hex").slice(0, 16)}.lock`;
  writeFileSync(at("planted"), formatHolder(holder), { mode: 0o600 });
  linkSync(at("planted"), at(`${folder}/${lock}`));
}

test("SEC-65 threads of one process exclude each other", { timeout: 60_000 }, async () => {
  const path = at("tokens.json");
  const work = `
    const { tokenFile } = await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
    const store = tokenFile({ path: ${JSON.stringify(path)} });
    for (let time = 0; time < 10; time++)
      await store.withLock("shared", async (lease) => {
        const found = await store.read("shared");
        await lease.sent();
        if (!(await store.write("shared", String(Number(found?.value ?? 0) + 1), found?.generation))) throw new Error("lost");
      });`;
  const threads = Array.from(
    { length: 4 },
    () => new Worker(new URL(`data:text/javascript,${encodeURIComponent(work)}`)),
  );
  await Promise.all(threads.map((thread) => once(thread, "exit")));
  expect((await tokenFile({ path }).read("shared"))?.value).toBe("40");
  expect(names()).toEqual(["tokens.json"]);
});

/** A process that holds the lock and does as it is told. */
async function holder(): Promise<{
  process: ChildProcessWithoutNullStreams;
  say(line: string): void;
  heard(): Promise<string>;
}> {
  const args = ["--conditions=src", "--no-warnings", fileURLToPath(hold), at("locks")];
  const running = spawn(process.execPath, args);
  onTestFinished(() => void running.kill("SIGKILL"));
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  const heard = async (): Promise<string> => String((await lines.next()).value);
  expect(await heard()).toBe("held");
  return { process: running, say: (line) => void running.stdin.write(`${line}\n`), heard };
}

const settings = { heartbeatMs: 50, staleMs: 300, sentStaleMs: 600 };
const mine = async (): Promise<string> => "mine";

describe.skipIf(!posix)("SEC-78 a process that is stopped (SIGSTOP)", () => {
  test("before it has sent: another one takes the lock, and it may not send when it wakes up", async () => {
    const stopped = await holder();
    stopped.process.kill("SIGSTOP");
    const lock = fileLock({ directory: at("locks"), ...settings });
    const outcome = await lock.withLock("held", async (lease) => {
      stopped.process.kill("SIGCONT");
      stopped.say("send");
      expect(await stopped.heard()).toBe("lock-lost");
      expect(lease.signal.aborted).toBe(false);
      stopped.say("release");
      expect(await stopped.heard()).toBe("released");
      await lease.sent?.(); // the other one's letting go took nothing away
      return "mine";
    });
    expect(outcome).toBe("mine");
    expect(names("locks")).toEqual([]);
  });

  test("SEC-79 after it has sent: it is waited for, and named", async () => {
    const stopped = await holder();
    stopped.say("send");
    expect(await stopped.heard()).toBe("sent");
    stopped.process.kill("SIGSTOP");
    const lock = fileLock({ directory: at("locks"), ...settings });
    expect(await failing(lock.withLock("held", mine, { waitMs: 1_500 }))).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "lock-timeout",
      message: expect.stringContaining(`process ${stopped.process.pid} on `),
    });
    const waiting = lock.withLock("held", mine);
    stopped.process.kill("SIGCONT");
    stopped.say("release");
    expect(await waiting).toBe("mine");
    expect(names("locks")).toEqual([]);
  });
});

test("SEC-78 a process that was killed after sending is followed when that has settled", async () => {
  const killed = await holder();
  killed.say("send");
  expect(await killed.heard()).toBe("sent");
  killed.process.kill("SIGKILL");
  await once(killed.process, "exit");
  expect(names("locks")).not.toEqual([]);
  expect(await fileLock({ directory: at("locks"), ...settings }).withLock("held", mine)).toBe("mine");
  expect(names("locks")).toEqual([]);
});

describe("SEC-66 a process that ends", () => {
  test("by process.exit while it holds a lock leaves nothing", async () => {
    const exiting = await holder();
    exiting.say("exit");
    await once(exiting.process, "exit");
    expect(names("locks")).toEqual([]);
  });

  test("by process.exit while it waits for one leaves nothing of its own", async () => {
    const other = await holder();
    const before = names("locks");
    const code = `
      import { fileLock } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
      fileLock({ directory: ${JSON.stringify(at("locks"))} }).withLock("held", async () => {});
      setTimeout(() => process.exit(0), 300);`;
    const args = ["--conditions=src", "--no-warnings", "--input-type=module", `--eval=${code}`];
    const [status] = (await once(spawn(process.execPath, args), "exit")) as [number];
    expect(status).toBe(0);
    expect(names("locks")).toEqual(before);
    other.say("release");
    expect(await other.heard()).toBe("released");
  });

  test("is not kept alive by a lock that it holds", async () => {
    const code = `
      import { fileLock } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
      const lock = fileLock({ directory: ${JSON.stringify(at("locks"))} });
      await new Promise((taken) => void lock.withLock("held", () => (taken(), new Promise(() => {}))));
      console.log("end of the program");`;
    const args = ["--conditions=src", "--no-warnings", "--input-type=module", `--eval=${code}`];
    const running = spawn(process.execPath, args);
    const [status] = (await once(running, "exit")) as [number];
    expect(status).toBe(0);
    expect(names("locks")).toEqual([]);
  });
});
