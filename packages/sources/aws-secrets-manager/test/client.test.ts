import { canary, fakeClock } from "@auth/testkit";
import { describe, expect, test, vi } from "vitest";
import { fromAwsSecretsManager } from "../src/index.ts";
import { failing, secretOf } from "./support/outcome.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();
const shown = canary("shown");
const patient = { timeout: 30_000 };
const from = (send: () => Promise<unknown>) =>
  fromAwsSecretsManager({ secretId: "team/app", client: { send } });

describe("a client of one's own", () => {
  test("is asked in the SDK's words, with a signal, and may be any that answers them", async () => {
    const send = vi.fn(async (_command: unknown, _options?: { abortSignal?: AbortSignal }) => ({
      SecretString: "text",
      VersionId: "v",
    }));
    await using provider = fromAwsSecretsManager({ secretId: "team/app", client: { send } });
    expect(await provider.get()).toMatchObject({ type: "access-token", version: "v" });
    const [command, options] = send.mock.calls[0] ?? [];
    expect(command).toMatchObject({ input: { SecretId: "team/app" } });
    expect(options?.abortSignal).toBeInstanceOf(AbortSignal);
  });

  const hostile = new Proxy(new Error(shown.value), {
    get: () => {
      throw new Error(shown.value);
    },
  });
  test.each<[what: string, thrown: unknown]>([
    ["a text", shown.value],
    ["nothing", undefined],
    ["null", null],
    ["a frozen error", Object.freeze(new Error(shown.value))],
    ["an error that cannot be looked at", hostile],
    [
      "an error full of secrets",
      Object.assign(new Error("x", { cause: shown.value }), { name: shown.value, $metadata: shown.value }),
    ],
  ])("SEC-117 may throw %s", async (_, thrown) => {
    await using provider = from(() => Promise.reject(thrown));
    const outcome = await failing(provider);
    expect(outcome).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "unexpected-failure" });
    shown.check(outcome);
  });

  test("SEC-123 a request id that is none stays out of the message", async () => {
    const $metadata = { httpStatusCode: 400, requestId: `${shown.value}\u001b[2J` };
    const thrown = Object.assign(new Error("x"), { name: "AccessDeniedException", $metadata });
    await using provider = from(() => Promise.reject(thrown));
    const outcome = await failing(provider);
    expect(outcome).toMatchObject({
      reason: "permission-denied",
      message: expect.not.stringContaining("request id"),
    });
    shown.check(outcome);
  });

  test.each<[what: string, answer: unknown]>([
    ["nothing", undefined],
    ["a number", { SecretString: 7 }],
    ["bytes that are none", { SecretBinary: "text" }],
  ])("may answer with %s", async (_, answer) => {
    await using provider = from(() => Promise.resolve(answer));
    expect(await failing(provider)).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "malformed-response" });
  });

  test("that never answers is given up", async () => {
    const clock = fakeClock();
    const client = { send: () => new Promise<never>(() => {}) };
    await using provider = fromAwsSecretsManager({ secretId: "team/app", client, clock });
    const outcome = clock.until(failing(provider));
    expect(await outcome).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
  });
});

describe("dispose", () => {
  const disposed = { code: "ERR_AUTH_UNAVAILABLE", reason: "disposed" };

  test("ends a read under way, and its repeats", async () => {
    world().front.fault("hold");
    const provider = fromAwsSecretsManager({ secretId: "team/app" });
    const outcome = failing(provider);
    await world().front.held();
    await provider[Symbol.asyncDispose]();
    expect(await outcome).toMatchObject(disposed);
    expect(world().front.reads()).toBe(1);
  });

  test("ends the pause before a repeat", async () => {
    world().front.fault("reset");
    const clock = fakeClock();
    const provider = fromAwsSecretsManager({ secretId: "team/app", clock });
    const outcome = failing(provider);
    await vi.waitFor(() => expect(clock.pending.some(({ dueInMs }) => dueInMs < 1_000)).toBe(true), patient);
    await provider[Symbol.asyncDispose]();
    expect(await outcome).toMatchObject(disposed);
    expect(clock.pending).toEqual([]);
  });

  test("is for good, and closes the connections", async () => {
    const secret = await world().create("text");
    const before = await world().front.connections();
    const provider = fromAwsSecretsManager({ secretId: secret });
    expect(secretOf(await provider.get())).toBe("text");
    expect(await world().front.connections()).toBe(before + 1);
    await provider[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(await world().front.connections()).toBe(before), patient);
    await provider[Symbol.asyncDispose]();
    expect(await failing(provider)).toMatchObject(disposed);
  });
});

test("all attempts and pauses together end within a minute (L6)", async () => {
  const clock = fakeClock();
  const start = clock.monotonic();
  world().front.fault(
    ...Array.from({ length: 3 }, () => ({ status: 503, headers: { "retry-after": "30" } })),
  );
  await using provider = fromAwsSecretsManager({ secretId: "team/app", clock });
  const outcome = clock.until(failing(provider), { paused: () => clock.pending[0]?.dueInMs === 10_000 });
  expect(await outcome).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", retryAfterMs: 30_000 });
  expect(world().front.reads()).toBe(2);
  expect(clock.monotonic() - start).toBeLessThan(60_000);
});
