import { type Auth, AuthError, createAuth } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { failure, rejection } from "../support/outcome.ts";
import { source } from "../support/source.ts";
import { refused, tokenServer, unreachable } from "../support/token-server.ts";
import { hour, world } from "../support/world.ts";

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Mulberry32: chance that is the same in each run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Outage {
  /** Requests that the server got while it lasted. */
  readonly requests: number;
  /** From its end to the first token. */
  readonly recoveryMs: number;
}

/** A token that has expired, a call every 10 ms, and a server that is out for ten seconds. `pnpm bench` does it with 1,000 calls/s. */
async function outage(seed: number, thrown: AuthError): Promise<Outage> {
  const clock = { ...fakeClock(), random: dice(seed) };
  const server = tokenServer(clock);
  const plain = server.grant();
  let out = false;
  let requests = 0;
  /** What the HTTP of a grant does: three attempts for what was not processed, or one if it is told so (L3). */
  const ask = async <T>(attempts: "all" | "one" | undefined, work: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      requests++;
      if (!out) return work();
      if (thrown.code === "ERR_AUTH_GRANT" || thrown.retryAfterMs || attempts === "one" || tries === 3)
        throw thrown;
    }
  };
  const auth: Auth = createAuth({
    clock,
    credentials: source({ type: "password", username: "alice", password: { reveal: () => "pw" } }),
    grant: {
      ...plain,
      exchange: (credential, context) => ask(context.attempts, () => plain.exchange(credential, context)),
      refresh: undefined as never,
    },
  });
  await auth.getToken();
  await clock.advance(hour);
  out = true;
  requests = 0;
  for (let ms = 0; ms < 10_000; ms += 10) {
    await auth.getToken().catch(() => {});
    await clock.advance(10);
  }
  const during = requests;
  out = false;
  const end = clock.monotonic();
  while (!(await auth.getToken().catch(() => undefined))) await clock.advance(10);
  return { requests: during, recoveryMs: clock.monotonic() - end };
}

describe("an outage of ten seconds, and nothing usable in hand (SEC-54, L15)", () => {
  const seeds = Array.from({ length: 25 }, (_, seed) => seed);
  const over = async (thrown: AuthError): Promise<{ requests: number[]; recovery: number[] }> => {
    const outages: Outage[] = [];
    for (const seed of seeds) outages.push(await outage(seed, thrown));
    return {
      requests: outages.map(({ requests }) => requests),
      recovery: outages.map(({ recoveryMs }) => recoveryMs),
    };
  };

  test("503: at most 6 requests in the median, never over 8; over within 4 s in the median, never over 8", async () => {
    const { requests, recovery } = await over(unreachable("server-error"));
    expect(median(requests)).toBeLessThanOrEqual(6);
    expect(Math.max(...requests)).toBeLessThanOrEqual(8);
    expect(Math.min(...requests)).toBeGreaterThan(3); // it does ask again
    expect(median(recovery)).toBeLessThanOrEqual(4_000);
    expect(Math.max(...recovery)).toBeLessThanOrEqual(8_000);
  });

  test("400 invalid_client: at most 3", async () => {
    const { requests, recovery } = await over(refused("credential-rejected"));
    expect(Math.max(...requests)).toBeLessThanOrEqual(3);
    expect(Math.min(...requests)).toBeGreaterThan(1);
    expect(median(recovery)).toBeLessThanOrEqual(4_000);
    expect(Math.max(...recovery)).toBeLessThanOrEqual(8_000);
  });

  test("429 with Retry-After: 30: one", async () => {
    expect((await outage(1, unreachable("rate-limited", 30_000))).requests).toBe(1);
  });

  test("an API that says 401 to whatever it gets: at most 3 token requests", async () => {
    const here = world();
    const auth = here.auth();
    for (let call = 0; call < 100; call++) {
      auth.reject(await auth.getToken());
      await here.clock.advance(100);
    }
    expect(here.server.log.length).toBeLessThanOrEqual(3);
    expect(here.server.log.length).toBeGreaterThan(1); // a token that was ended early is replaced
    const { lastFailure } = await auth.status();
    expect(lastFailure).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "new-token-refused" });
  });
});

const paused = { failurePause: { firstMs: 1_000, maxMs: 8_000, longMs: 30_000 } };

test("SEC-54 the known error says how long it will be given, and status() until when", async () => {
  const here = world();
  const auth = here.auth({ policy: paused });
  here.server.before = () => {
    throw unreachable();
  };
  await rejection(auth.getToken());
  const until = (await auth.status()).barredUntil?.getTime() ?? 0;
  expect(until - here.clock.now()).toBeGreaterThanOrEqual(500);
  await here.clock.advance(100);
  expect(await rejection(auth.getToken())).toMatchObject({
    reason: "network",
    retryAfterMs: Math.ceil(until - here.clock.now()),
  });
  expect(here.server.log).toHaveLength(1);
});

test("SEC-54 the first flight of a series may repeat its request, the next ones may not", async () => {
  const here = world();
  const auth = here.auth({ policy: paused });
  here.server.before = () => {
    throw unreachable();
  };
  for (let tries = 0; tries < 3; tries++) {
    await rejection(auth.getToken());
    await here.clock.advance(8_000);
  }
  here.server.before = () => {};
  await auth.getToken();
  await here.clock.advance(hour);
  await auth.getToken();
  expect(here.server.asked.map(({ context }) => context.attempts)).toEqual([
    "all",
    "one",
    "one",
    "one",
    "all",
  ]);
});

test("SEC-28 what spends a refresh token is told how much time there is: all of it", async () => {
  const here = world();
  const auth = here.auth({ policy: { timeoutMs: 45_000 } });
  await auth.getToken();
  await here.clock.advance(hour);
  await auth.getToken();
  expect(here.server.asked.at(-1)).toMatchObject({ kind: "refresh", context: { timeLeftMs: 45_000 } });
});

test("a Retry-After of a renewal behind the callers keeps no person from logging in", async () => {
  const here = world();
  const auth = here.auth({ policy: paused });
  await auth.getToken();
  await here.clock.advance(hour - 400_000);
  here.server.before = () => {
    throw unreachable("rate-limited", 600_000);
  };
  await auth.getToken();
  await here.clock.advance(0);
  here.server.before = () => {};
  expect((await auth.login()).reveal()).toBe("at-2");
});

test("a dead login and an empty source: the error, the event and the status say that a person is needed", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.server.revokeAll();
  here.credentials.before = () => {
    throw new AuthError("ERR_AUTH_NOT_FOUND", "not-set", "test source: not set");
  };
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(here.events.at(-1)).toBe("failed INTERACTION_REQUIRED/refresh-token-rejected");
  expect((await auth.status()).lastFailure).toMatchObject({ reason: "refresh-token-rejected" });
});
