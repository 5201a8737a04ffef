import { setImmediate as macrotask } from "node:timers/promises";
import { type AccessToken, type Auth, createAuth, decodeRecord, isAuthError } from "@auth/core";
import { type FakeClock, fakeClock } from "@auth/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Fate, interleaved } from "../support/interleaved.ts";
import { password, source } from "../support/source.ts";
import "../support/world.ts"; // loads all of core: from here on nothing but the clock and the scheduler takes time

type Command = "get" | "crowd" | "force" | "reject" | "login" | "expire";
const lifetimeMs = 10_000;

const plans = fc.array(
  fc.array(fc.constantFrom<Command>("get", "get", "crowd", "force", "reject", "login", "expire", "expire"), {
    minLength: 2,
    maxLength: 5,
  }),
  { minLength: 2, maxLength: 3 },
);
/** The fate of the first few steps of each kind; from then on all is well. */
const kinds = ["read", "prepare", "sent", "write", "exchange", "refresh"] as const;
const some = fc.array(
  fc.oneof(
    { arbitrary: fc.constant<Fate>("ok"), weight: 4 },
    { arbitrary: fc.constantFrom<Fate>("fails", "answer-lost", "lock-lost"), weight: 1 },
  ),
  { maxLength: 6 },
);
const fates = fc.record({
  read: some,
  prepare: some,
  sent: some,
  write: some,
  exchange: some,
  refresh: some,
});

/** Gives turns until everybody is done. Where nobody waits for a turn, time passes. */
async function drive(scheduler: fc.Scheduler, clock: FakeClock, done: () => boolean): Promise<void> {
  for (let idle = 0, steps = 0; !done(); ) {
    if (++steps > 5_000) throw new Error("it never ends");
    if (scheduler.count() > 0) {
      await scheduler.waitNext(1);
      await macrotask();
      idle = 0;
    } else if (++idle < 3) await macrotask();
    else if (clock.pending[0]) {
      await clock.advance(clock.pending[0].dueInMs);
      idle = 0;
    } else throw new Error("it hangs: nobody waits for a turn, and nobody for the time");
  }
}

async function act(auth: Auth, command: Command, clock: FakeClock): Promise<AccessToken | undefined> {
  if (command === "get") return auth.getToken();
  if (command === "crowd") {
    const [first] = await Promise.allSettled([
      auth.getToken(),
      auth.getToken({ forceRefresh: true }),
      auth.getToken(),
    ]);
    if (first.status === "rejected") throw first.reason;
    return first.value;
  }
  if (command === "force") return auth.getToken({ forceRefresh: true });
  if (command === "login") return auth.login();
  const token = auth.peek();
  if (command === "reject" && token) auth.reject(token);
  if (command === "expire") clock.shiftWall(lifetimeMs);
  return undefined;
}

test("SEC-54 SEC-56 SEC-58 SEC-59 SEC-61 SEC-78 whatever the order of steps and whatever fails, no login is lost", async () => {
  const seen = { runs: 0, requests: 0, tokens: 0, errors: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      plans,
      fates,
      fc.boolean(),
      async (scheduler, commands, planned, patient) => {
        const clock = fakeClock();
        const left = new Map<string, Fate[]>(kinds.map((kind) => [kind, [...planned[kind]]]));
        const turn = async (step: string): Promise<Fate> => {
          await scheduler.schedule(Promise.resolve(), step);
          return left.get(step)?.shift() ?? "ok";
        };
        const here = interleaved(clock, turn, { lifetimeMs, patient });
        const { store, grant } = here;
        const problems: string[] = [];

        const actor = async (plan: readonly Command[], process: number): Promise<void> => {
          const policy = patient ? {} : { timeoutMs: 700 };
          const credentials = source(password());
          const auth = createAuth({ grant: grant(process), store, clock, credentials, policy });
          for (const command of plan) {
            if (command === "login") here.logins++;
            try {
              const token = await act(auth, command, clock);
              seen.tokens += token ? 1 : 0;
              const text = token?.reveal() ?? "";
              if (here.refreshed.has(text) && !here.saved.has(text))
                problems.push(`${text} was handed out before it was saved`);
            } catch (error) {
              seen.errors++;
              if (!isAuthError(error)) problems.push(`not one of our errors: ${String(error)}`);
            } finally {
              if (command === "login") here.logins--;
            }
          }
          left.clear(); // whatever happened: as soon as all is well again, everybody gets a token
          for (let tries = 0; ; tries++) {
            try {
              await auth.getToken();
              break;
            } catch (error) {
              if (tries === 3) problems.push(`no token in the end: ${String(error)}`);
              if (tries === 3) break;
              await clock.sleep(isAuthError(error) ? (error.retryAfterMs ?? 0) : 0);
            }
          }
          await auth[Symbol.asyncDispose]();
        };
        let running = commands.length;
        const actors = commands.map((plan, process) => actor(plan, process).finally(() => running--));
        await drive(scheduler, clock, () => running === 0);
        await Promise.all(actors);
        seen.runs++;
        seen.requests += here.requests.length;
        expect([...here.violations, ...problems]).toEqual([]);
      },
    ),
    { seed: 20_260_101, numRuns: 250 },
  );
  // The model must come to something: every run asks the server, and things go wrong in it.
  expect(seen.requests).toBeGreaterThan(seen.runs);
  expect(seen.tokens).toBeGreaterThan(seen.runs);
  expect(seen.errors).toBeGreaterThan(10);
}, 30_000);

test("SEC-67 whatever the order of steps, a login that was ended stays ended, and nothing of it lives on", async () => {
  let rejected = 0;
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.nat(16), async (scheduler, lateness) => {
      const clock = fakeClock();
      let free = true;
      const turn = async (step: string): Promise<Fate> => {
        if (!free) await scheduler.schedule(Promise.resolve(), step);
        return "ok";
      };
      const here = interleaved(clock, turn, { lifetimeMs, deletable: true });
      const { store, grant } = here;
      const make = (process: number) =>
        createAuth({ grant: { ...grant(process), interactive: true }, store, clock });
      const [one, two] = [make(1), make(2)];
      await one.login();
      await two.getToken();
      clock.shiftWall(lifetimeMs);
      free = false;

      let running = 3;
      const end = (): void => void running--;
      const calls = [one, two].map((auth) =>
        auth.getToken().catch((error: unknown) => {
          expect(isAuthError(error, "ERR_AUTH_INTERACTION_REQUIRED"), String(error)).toBe(true);
          rejected++;
        }),
      );
      for (let steps = 0; steps < lateness; steps++) {
        await macrotask();
        if (scheduler.count() > 0) await scheduler.waitNext(1);
      }
      const logout = one.logout();
      for (const each of [...calls, logout]) each.then(end, end);
      await drive(scheduler, clock, () => running === 0);
      expect((await logout).complete).toBe(true);
      await Promise.all(calls);

      free = true;
      expect(one.peek()).toBeUndefined();
      clock.shiftWall(lifetimeMs);
      for (const auth of [one, two]) {
        const error = await auth.getToken().catch((thrown: unknown) => thrown);
        expect(isAuthError(error, "ERR_AUTH_INTERACTION_REQUIRED"), String(error)).toBe(true);
      }
      expect(decodeRecord((await store.read("alice"))?.value ?? "").ended).toBeDefined();
      expect([...here.violations, ...here.living()]).toEqual([]);
    }),
    { seed: 20_260_101, numRuns: 100 },
  );
  expect(rejected).toBeGreaterThan(0);
});

test("SEC-53 a store that goes back or is emptied at any moment: whoever holds the login keeps it alive", async () => {
  const seen = { setBack: 0, restored: 0, requests: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom("get", "expire", "back", "empty", "force"), { minLength: 4, maxLength: 14 }),
      fc.array(fc.nat(3), { maxLength: 6 }),
      async (scheduler, commands, meanwhile) => {
        const clock = fakeClock();
        let steps = 0;
        const turn = async (step: string): Promise<Fate> => {
          await scheduler.schedule(Promise.resolve(), step);
          // In the middle of whatever is under way.
          if (step === "refresh" && meanwhile.length > 0 && ++steps % 2 === 0) {
            here.setBack(meanwhile.shift() ?? 0);
            seen.setBack++;
          }
          return "ok";
        };
        const here = interleaved(clock, turn, { lifetimeMs, forgetful: true });
        const policy = { failurePause: { firstMs: 0, maxMs: 0, longMs: 0 } };
        const auth = createAuth({
          grant: { ...here.grant(1), interactive: true },
          store: here.store,
          clock,
          policy,
          onEvent: ({ reason }) => {
            if (reason === "store-went-back") seen.restored++;
          },
        });
        const problems: string[] = [];
        const work = async (): Promise<void> => {
          await auth.login();
          for (const command of commands) {
            if (command === "expire") clock.shiftWall(lifetimeMs);
            else if (command === "back" || command === "empty") {
              here.setBack(command === "back" ? 1 : 1_000);
              seen.setBack++;
            } else await auth.getToken({ forceRefresh: command === "force" });
          }
          clock.shiftWall(lifetimeMs);
          await auth.getToken();
        };
        let running = true;
        const done = work()
          .catch((error: unknown) => problems.push(String(error)))
          .finally(() => {
            running = false;
          });
        await drive(scheduler, clock, () => !running);
        await done;
        seen.requests += here.requests.length;
        expect([...here.violations.filter((each) => !each.includes("was replaced")), ...problems]).toEqual(
          [],
        );
        // The store has the one that is alive again.
        const stored = decodeRecord(
          (await readAll(here.store, scheduler)) ?? "",
        ).tokens.refreshToken?.reveal();
        expect(here.living()).toEqual([stored]);
      },
    ),
    { seed: 20_261_201, numRuns: 150 },
  );
  expect(seen.setBack).toBeGreaterThan(100);
  expect(seen.restored).toBeGreaterThan(50);
}, 30_000);

async function readAll(
  store: { read(key: string): Promise<{ value: string } | undefined> },
  scheduler: fc.Scheduler,
) {
  const reading = store.read("alice");
  for (let turns = 0; turns < 4; turns++) {
    await macrotask();
    if (scheduler.count() > 0) await scheduler.waitNext(1);
  }
  return (await reading)?.value;
}
