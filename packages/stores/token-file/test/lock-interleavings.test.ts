import { basename, dirname } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readChain } from "../src/lock-chain.ts";
import { LockClaim } from "../src/lock-claim.ts";
import { type Files, realSystem } from "../src/system.ts";
import { unlinkIfThere } from "../src/temporary-file.ts";
import { deadPid } from "./support/locks.ts";

import { memoryFiles } from "./support/memory-files.ts";
import { type Run, StepScheduler } from "./support/step-scheduler.ts";
import { steppingFiles } from "./support/stepping-files.ts";
import { temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const actors = 3;

/** What one actor does with the lock, and before which of its steps it dies. */
interface Script {
  readonly rounds: number;
  readonly freezes: boolean;
  readonly sweeps: boolean;
  readonly dies: number | undefined;
}

const scripts = fc.array(
  fc.record<Script>({
    rounds: fc.integer({ min: 1, max: 2 }),
    freezes: fc.boolean(),
    sweeps: fc.boolean(),
    dies: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined, freq: 2 }),
  }),
  { minLength: actors, maxLength: actors },
);

/** Long runs with few switches between them find more than a switch at every step. */
const plans = fc.array(
  fc.record<Run>({
    actor: fc.nat(actors - 1),
    steps: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
  }),
  { maxLength: 12 },
);

/**
 * Three actors on one lock, call by call. What is not frozen, anybody takes from anybody at any time, which is worse than
 * reality; what is frozen, only from the dead. Gives a list of what went wrong.
 */
async function play(
  disk: Files,
  plan: readonly Run[],
  cast: readonly Script[],
  lock: string,
): Promise<string[]> {
  const wrong: string[] = [];
  const dead = new Set<number>();
  const inside = new Set<number>();
  const scheduler = new StepScheduler(disk);

  async function act(index: number, { rounds, freezes, sweeps, dies }: Script): Promise<void> {
    const real = realSystem();
    const die = (): void => {
      dead.add(index);
      inside.delete(index);
    };
    const fs = scheduler.files(index, dies, die);
    const system = { ...real, fs, self: { ...real.self, pid: deadPid + index } };
    for (let round = 0; round < rounds; round++) {
      const claim = await LockClaim.make(system, lock);
      for (let tries = 0, got = false; tries < 20 && !got; tries++) {
        const chain = await readChain(system, lock);
        const free = !chain?.frozen || dead.has((chain.holder?.pid ?? 0) - deadPid);
        got = chain ? free && (await claim.takeOver(chain)) : await claim.take();
        if (got && sweeps)
          for (const file of await claim.garbage(await fs.readdir(dirname(lock))))
            await unlinkIfThere(system, file);
        if (got && freezes && (await claim.freeze())) {
          if (inside.size > 0) wrong.push(`${index} came in while ${[...inside].join()} was inside`);
          inside.add(index);
          for (let stay = 0; stay < 6; stay++) await fs.lstat(lock).catch(() => {});
          if (await claim.isLost()) wrong.push(`${index} lost what it had frozen`);
          inside.delete(index);
        }
      }
      await claim.release();
    }
  }

  for (const [index, script] of cast.entries())
    act(index, script).catch((error: unknown) => wrong.push(`${index} failed: ${String(error)}`));
  await scheduler.play(plan, actors);
  return wrong;
}

/** Plays games on one disk; `names` lists what is on it. */
function games(disk: Files, lock: (game: number) => string, names: () => string[]) {
  let game = 0;
  return fc.asyncProperty(plans, scripts, async (plan, cast) => {
    const path = lock(game++);
    expect(await play(disk, plan, cast, path)).toEqual([]);
    // Nobody is left who could hold it: the next one gets it, and only rubbish of the dead remains.
    const system = { ...realSystem(), fs: disk };
    const chain = await readChain(system, path);
    const claim = await LockClaim.make(system, path);
    expect(chain ? await claim.takeOver(chain) : await claim.take()).toBe(true);
    expect(await claim.freeze()).toBe(true);
    await claim.release();
    expect(await readChain(system, path)).toBeUndefined();
    const left = names().filter((name) => name.startsWith(basename(path)));
    if (cast.every(({ dies }) => dies === undefined)) expect(left).toEqual([]);
  });
}

const runs = process.env["AUTH_TEST_SOAK"] ? 20_000 : 600;

describe("SEC-78 whatever the order of their steps, and wherever they die, one at a time has frozen the lock", () => {
  test("on a disk in memory", { timeout: 600_000 }, async () => {
    const disk = memoryFiles();
    await fc.assert(
      games(
        disk,
        (game) => `/${game}.lock`,
        () => disk.names(),
      ),
      { numRuns: runs },
    );
  });

  test("on a real one", { timeout: 600_000 }, async () => {
    await fc.assert(
      games(realSystem().fs, (game) => at(`${game}.lock`), names),
      { numRuns: runs / 50 },
    );
  });
});

test("SEC-78 a nonce that was seen on a chain that has gone does not come again", async () => {
  const disk = memoryFiles();
  const nonces: string[] = [];
  const fs = steppingFiles(({ name, args }) => name === "link" && nonces.push(String(args[0])), disk);
  const system = { ...realSystem(), fs };
  const first = await LockClaim.make(system, "/x.lock");
  await first.take();
  const chain = await readChain(system, "/x.lock");
  await first.release();
  const late = await LockClaim.make(system, "/x.lock");
  expect(chain && (await late.takeOver(chain))).toBe(false);
  expect(await late.take()).toBe(true);
  await late.release();
  expect(new Set(nonces).size).toBe(3);
  expect(disk.names()).toEqual([]);
});
