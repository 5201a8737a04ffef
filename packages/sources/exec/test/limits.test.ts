import { canary, fakeClock } from "@auth/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type FromCommandOptions, fromCommand } from "../src/index.ts";
import { failing, type Meeting, meeting, raw, secretOf, world } from "./world.ts";

const { plan } = world();

async function meet(): Promise<Meeting> {
  const place = await meeting();
  onTestFinished(() => place[Symbol.asyncDispose]());
  return place;
}

/** A helper that waits for a child of its own, which waits at the meeting. */
async function family(apart = false): Promise<{ command: string[]; place: Meeting }> {
  const place = await meet();
  const child = plan({ port: place.port, stdout: "t0ken" }, "child").at(-1) as string;
  return { place, command: plan({ starts: child, apart }, "parent") };
}

test.each<[what: string, options: Partial<FromCommandOptions>, limitMs: number]>([
  ["30 seconds", {}, 30_000],
  ["five minutes, if it is interactive", { interactive: true }, 300_000],
  ["a time of one's own", { timeoutMs: 5 }, 5],
])("SEC-108 it is ended after %s", async (_what, options, limitMs) => {
  const place = await meet();
  const clock = fakeClock();
  const failure = failing(fromCommand({ command: plan({ port: place.port }), clock, ...options }).get());
  const { gone } = await place.guest();
  await clock.advance(limitMs - 1);
  expect(clock.pending).toHaveLength(1);
  await clock.advance(1);
  expect(await failure).toBe("ERR_AUTH_UNREACHABLE/timeout");
  await gone;
  expect(clock.pending).toHaveLength(0);
});

test.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])(
  "SEC-108 what it started ends with it (interactive: %s, in a group of its own: %s)",
  async (interactive, apart) => {
    const { command, place } = await family(apart);
    const clock = fakeClock();
    const failure = failing(fromCommand({ command, clock, interactive }).get());
    const { gone } = await place.guest();
    await clock.advance(300_000);
    expect(await failure).toBe("ERR_AUTH_UNREACHABLE/timeout");
    await gone;
  },
);

test("SEC-28 SEC-108 an abort ends it at once, with what it started", async () => {
  const { command, place } = await family();
  const leaving = new AbortController();
  const reason = new Error("the caller has left");
  const failure = failing(fromCommand({ command, ttlMs: 0 }).get({ signal: leaving.signal }));
  const { gone } = await place.guest();
  leaving.abort(reason);
  expect(await failure).toBe(reason);
  await gone;
});

test("disposing ends what still runs, and it can be used again", async () => {
  const { command, place } = await family();
  const provider = fromCommand({ command });
  const failure = failing(provider.get());
  const { gone } = await place.guest();
  await provider[Symbol.asyncDispose]?.();
  expect(await failure).toBe("ERR_AUTH_UNAVAILABLE/disposed");
  await gone;
  const again = secretOf(provider);
  (await place.guest()).release();
  expect(await again).toBe("t0ken");
});

test("what it leaves running is left alone, and not waited for", async () => {
  const place = await meet();
  const daemon = plan({ port: place.port }, "daemon").at(-1) as string;
  const clock = fakeClock();
  const token = secretOf(fromCommand({ command: plan({ stdout: "t0ken\n", leaves: daemon }), clock }));
  const { gone, release } = await place.guest();
  await clock.sleeping(2); // the time-out, and the wait for a pipe that stays open
  await clock.advance(1_000);
  expect(await token).toBe("t0ken");
  release();
  await gone;
});

test.each<[what: string, doing: object, options: Partial<FromCommandOptions>]>([
  ["more than a MiB of output", { stdout: "x".repeat(65_536), times: 17 }, {}],
  ["more than 64 KiB of complaints", { stderr: "x".repeat(4_096), times: 17, stdout: "t" }, {}],
  ["more output than a limit of one's own", { stdout: "1234567" }, { maxBytes: 6 }],
  ["more complaints than a limit of one's own", { stderr: "1234567" }, { maxStderrBytes: 6 }],
])("SEC-108 %s ends it", async (_what, doing, options) => {
  const command = plan({ ...doing });
  expect(await failing(fromCommand({ command, ...options }).get())).toBe("ERR_AUTH_INVALID/helper-failed");
});

test("up to the limits everything is read", async () => {
  const command = plan({ stdout: "x".repeat(65_536), stderr: "y".repeat(4_096), times: 16 });
  const { text } = await fromCommand({ command, format: raw }).get();
  expect(text === "x".repeat(1_048_576)).toBe(true);
});

test.each([
  ["an exit code", { exitCode: 3 }, /\(exit code 3\)/],
  ["a signal", { signal: "SIGTERM" as const }, /ended by a signal/],
])("SEC-3 SEC-108 after %s the error holds nothing that was printed", async (_what, doing, says) => {
  const secret = canary("printed");
  const command = [...plan({ ...doing, stdout: secret.value, stderr: secret.value }), secret.value];
  const env = { ACME_SECRET: secret.value };
  const error = await fromCommand({ command, env })
    .get()
    .catch((error: unknown) => error);
  expect(error).toMatchObject({
    code: "ERR_AUTH_INVALID",
    reason: "helper-failed",
    message: expect.stringMatching(says),
  });
  secret.check(error);
});
