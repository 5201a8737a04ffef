import { type Provider, Secret } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { expect, test } from "vitest";
import { fromCommand } from "../src/index.ts";
import { failing, secretOf, world } from "./world.ts";

const { counted, plan, at, runs } = world();
const minute = 60_000;
const lasting = (minutes: number, token = "t"): string =>
  JSON.stringify({ token, expires_at: new Date(Date.UTC(2026, 0, 1) + minutes * minute).toISOString() });

test("1,000 callers share one run", async () => {
  const provider = fromCommand({ command: counted({ stdout: "t0ken\n" }) });
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => secretOf(provider)));
  expect(new Set(tokens)).toEqual(new Set(["t0ken"]));
  expect(runs()).toBe(1);
});

test("what says when it expires is kept until then, longer than the rest", async () => {
  const clock = fakeClock();
  const provider = fromCommand({ command: counted({ stdout: lasting(60) }), clock });
  for (let time = 0; time < 59; time++) {
    expect(await secretOf(provider)).toBe("t");
    await clock.advance(minute);
  }
  expect(runs()).toBe(1);
  plan({ log: at("log"), stdout: lasting(120, "new") });
  expect(await secretOf(provider)).toBe("t");
  await clock.advance(minute);
  expect(await secretOf(provider)).toBe("new");
  expect(runs()).toBe(2);
});

test("what expires before five minutes have passed is not kept longer", async () => {
  const clock = fakeClock();
  const provider = fromCommand({ command: counted({ stdout: lasting(1) }), clock });
  await provider.get();
  plan({ log: at("log"), stdout: lasting(10, "new") });
  await clock.advance(minute - 1);
  expect(await secretOf(provider)).toBe("t");
  await clock.advance(1);
  expect(await secretOf(provider)).toBe("new");
});

test("what does not say so is kept for five minutes", async () => {
  const clock = fakeClock();
  const provider = fromCommand({ command: counted({ stdout: "old" }), clock });
  for (const [after, token, count] of [
    [0, "old", 1],
    [5 * minute - 1, "old", 1],
    [1, "new", 2],
    [5 * minute - 1, "new", 2],
    [1, "new", 3],
  ] as const) {
    await clock.advance(after);
    expect(await secretOf(provider)).toBe(token);
    expect(runs()).toBe(count);
    plan({ log: at("log"), stdout: "new" });
  }
});

test("forceRefresh runs it again, whatever is kept, and its answer stays", async () => {
  const provider = fromCommand({ command: counted({ stdout: lasting(1e6) }) });
  await provider.get();
  plan({ log: at("log"), stdout: lasting(1e6, "new") });
  expect(await secretOf(provider)).toBe("t");
  await provider.get({ forceRefresh: true });
  expect(await secretOf(provider)).toBe("new");
  expect(runs()).toBe(2);
});

test("a failure is not kept, and what was refused before it is not served again", async () => {
  const clock = fakeClock();
  const provider = fromCommand({ command: counted({ stdout: lasting(60) }), clock });
  await provider.get();
  plan({ log: at("log"), exitCode: 1 });
  for (const forceRefresh of [true, false, false])
    expect(await failing(provider.get({ forceRefresh }))).toBe("ERR_AUTH_INVALID/helper-failed");
  expect(runs()).toBe(4);
  plan({ log: at("log"), stdout: lasting(60, "new") });
  expect(await secretOf(provider)).toBe("new");
  expect(await secretOf(provider)).toBe("new");
  expect(runs()).toBe(5);
});

test("a failure that says nothing about it leaves what is kept alone", async () => {
  const exitCodes = { 7: "unreachable" } as const;
  const provider = fromCommand({ command: counted({ stdout: lasting(1e6) }), exitCodes });
  await provider.get();
  plan({ log: at("log"), exitCode: 7 });
  const forced = provider.get({ forceRefresh: true });
  expect(await failing(forced)).toBe("ERR_AUTH_UNREACHABLE/read-failed");
  expect(await secretOf(provider)).toBe("t");
  expect(runs()).toBe(2);
});

test("with 0 nothing is kept, not even what says when it expires", async () => {
  const provider = fromCommand({ command: counted({ stdout: lasting(1e6) }), ttlMs: 0 });
  await provider.get();
  await provider.get();
  expect(runs()).toBe(2);
});

test("any type of answer is kept by its expiresAt, and what a format throws becomes an error of ours", async () => {
  const clock = fakeClock();
  const command = counted({ stdout: "key" });
  const keys: Provider<{ key: Secret; expiresAt: Date }> = fromCommand({
    command,
    clock,
    format: {
      name: "keys",
      ask: (_request: undefined) => ({}),
      read: ({ stdout }, _request, { now }) =>
        Object.freeze({
          key: new Secret(Buffer.from(stdout).toString()),
          expiresAt: new Date(now + 10 * minute),
        }),
    },
  });
  await keys.get();
  await clock.advance(9 * minute);
  await keys.get();
  expect(runs()).toBe(1);
  await clock.advance(minute);
  expect((await keys.get()).expiresAt).toEqual(new Date(clock.now() + 10 * minute));
  expect(runs()).toBe(2);

  const read = (): never => {
    throw new Error("it quotes: key");
  };
  const broken = fromCommand({ command, format: { name: "broken", ask: () => ({}), read }, ttlMs: 0 });
  expect(await failing(broken.get())).toBe("ERR_AUTH_INVALID/unexpected-failure");
});

test("an interactive one says so, and is not run to be explained", async () => {
  const provider = fromCommand({ command: counted({ stdout: "t" }), interactive: true });
  expect(provider.interactive).toBe(true);
  expect(await provider.explain?.()).toMatchObject({ outcome: "not-asked" });
  expect(runs()).toBe(0);
  expect(fromCommand({ command: ["op"] }).interactive).toBe(false);
});
