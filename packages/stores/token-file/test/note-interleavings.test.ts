import { mkdirSync, readdirSync } from "node:fs";
import type { Lease } from "@auth/core";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lockLimits } from "../src/lock-options.ts";
import { realSystem } from "../src/system.ts";
import { createTokenFile } from "../src/token-file.ts";
import { deadPid } from "./support/locks.ts";
import { SleepyClock } from "./support/sleepy-clock.ts";
import { type Run, StepScheduler } from "./support/step-scheduler.ts";
import { steppingFiles, systemError } from "./support/stepping-files.ts";
import { temporary } from "./support/temporary.ts";

const { at } = temporary();

/** Of the actors. */
const living = new Set<number>();
beforeEach(() => {
  vi.spyOn(process, "kill").mockImplementation((pid) => {
    if (living.has(pid)) return true;
    throw systemError("ESRCH");
  });
});
afterEach(() => vi.restoreAllMocks());

const actors = 3;
const acts = [
  "renew",
  "renew",
  "renew in vain",
  "log out",
  "log out without the lock", // it was not to be had in time
  "log in",
  "log in without the lock",
] as const;
const options = { heartbeatMs: 50, staleMs: 10_000, sentStaleMs: 10_000 };

interface Script {
  readonly acts: readonly (typeof acts)[number][];
  /** Before which of its steps it dies. */
  readonly dies: number | undefined;
}

const scripts = fc.array(
  fc.record<Script>({
    acts: fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 3 }),
    dies: fc.option(fc.integer({ min: 1, max: 250 }), { nil: undefined, freq: 3 }),
  }),
  { minLength: actors, maxLength: actors },
);

const plans = fc.array(
  fc.record<Run>({
    actor: fc.nat(actors - 1),
    steps: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 150 })),
  }),
  { maxLength: 12 },
);

/** Each refresh token is good once: `2.5` is the fifth of the second login. */
class Server {
  readonly #living = new Map<number, number>([[0, 0]]);
  #logins = 0;

  logIn(): string {
    this.#living.set(++this.#logins, 0);
    return `${this.#logins}.0`;
  }

  /** Undefined: that login was ended. */
  refresh(token: string): string | undefined {
    const [login = 0, nth] = token.split(".").map(Number);
    const last = this.#living.get(login);
    if (last === undefined) return undefined;
    if (last !== nth) throw new Error(`${token} was spent before: the login is lost`);
    this.#living.set(login, last + 1);
    return `${login}.${last + 1}`;
  }

  revoke(token: string): void {
    this.#living.delete(Number.parseInt(token, 10));
  }

  takes(token: string): boolean {
    const [login = 0, nth] = token.split(".").map(Number);
    return this.#living.get(login) === nth;
  }
}

async function play(folder: string, plan: readonly Run[], cast: readonly Script[]): Promise<string[]> {
  const wrong: string[] = [];
  const server = new Server();
  const clock = new SleepyClock();
  const scheduler = new StepScheduler(realSystem().fs);
  const path = `${folder}/tokens.json`;
  const limits = { ...lockLimits("test", options), settleMs: 10_000 };
  const storeOf = (parts: object) =>
    createTokenFile({ ...realSystem(), clock, ...parts }, () => path, limits, false);
  /** Somebody may have logged out. */
  let mayBeGone = false;

  async function perform(index: number, { acts: list, dies }: Script): Promise<void> {
    let broken = false;
    const fs = steppingFiles(
      ({ name, path: file }) => {
        if (broken && name === "rename" && file.endsWith(".tmp")) throw systemError("EIO");
      },
      scheduler.files(index, dies, () => {
        living.delete(deadPid + index);
      }),
    );
    const self = { ...realSystem().self, started: "0", pid: deadPid + index };
    const store = storeOf({ fs, self });
    const wait = { waitMs: 1e9 };
    async function logIn(): Promise<void> {
      for (const token = server.logIn(); ; ) {
        const found = await store.read("a");
        if ((await store.write("a", token, found?.generation)) === undefined) continue;
        if (found) server.revoke(found.value); // it is not to come back
        return;
      }
    }
    async function logOut(): Promise<void> {
      mayBeGone = true;
      const found = await store.read("a");
      await store.delete("a");
      if (found) server.revoke(found.value);
    }
    async function renew(lease: Lease): Promise<void> {
      const found = await store.read("a");
      if (!found) return;
      await store.prepare("a");
      await lease.sent?.();
      const token = server.refresh(found.value);
      if (token) await store.write("a", token, found.generation);
    }

    for (const act of list) {
      broken = act === "renew in vain";
      const work = act.startsWith("log in") ? logIn : act.startsWith("log out") ? logOut : renew;
      const outcome = act.endsWith("without the lock")
        ? work({ signal: new AbortController().signal })
        : store.withLock("a", work, wait);
      await outcome.catch((error: unknown) => {
        const { reason, message } = error as { reason?: string; message: string };
        if (!(broken && reason === "save-failed") && reason !== "lock-lost") wrong.push(`${act}: ${message}`);
      });
    }
  }

  await storeOf({}).write("a", "0.0", undefined);
  for (const [index, script] of cast.entries()) {
    living.add(deadPid + index);
    perform(index, script).catch((error: unknown) => wrong.push(`${index} failed: ${String(error)}`));
  }
  await scheduler.play(plan, actors, () => clock.wake(20_000));

  living.clear();
  // Whoever comes next, when all have ended.
  const last = createTokenFile(
    realSystem(),
    () => path,
    { heartbeatMs: 2, staleMs: 4, sentStaleMs: 4, settleMs: 4 },
    false,
  );
  const token = await last.withLock("a", async () => (await last.read("a"))?.value);
  if (token !== undefined && !server.takes(token))
    wrong.push(`${token} is left, which the server does not take`);
  if (!mayBeGone && token === undefined) wrong.push("the login is gone");
  return wrong;
}

const runs = process.env["AUTH_TEST_SOAK"] ? 2_000 : 60;

test("SEC-58 SEC-59 SEC-67 whatever the order of their steps, and wherever they die, no spent token is sent or left, and no login is lost", {
  timeout: 600_000,
}, async () => {
  let game = 0;
  await fc.assert(
    fc.asyncProperty(plans, scripts, async (plan, cast) => {
      const folder = at(`${game++}`);
      mkdirSync(folder, { mode: 0o700 });
      expect(await play(folder, plan, cast)).toEqual([]);
      expect(readdirSync(folder).filter((name) => name.endsWith(".unsaved"))).toEqual([]);
    }),
    { numRuns: runs },
  );
});
