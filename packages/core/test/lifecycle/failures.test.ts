import { AuthError } from "@auth/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failure, rejection } from "../support/outcome.ts";
import { unreachable } from "../support/token-server.ts";
import { early, hour, late, type World, world } from "../support/world.ts";

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => void process.on("unhandledRejection", note));
afterEach(() => {
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const down = (here: World, error: unknown = unreachable()): void => {
  here.server.before = () => {
    throw error;
  };
};

test("SEC-63 an early renewal that fails: the token is served, one warning, next try after L8", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  await here.clock.advance(early);
  down(here);
  for (let call = 0; call < 30; call++) {
    expect(await auth.getToken()).toBe(token);
    await here.clock.advance(1_000);
  }
  expect(here.server.log).toHaveLength(2);
  expect(here.events).toEqual(["renewed", "warning UNREACHABLE/network"]);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(0);
  expect(here.server.log).toHaveLength(3);
});

test("with the token endpoint dead and the token good: no caller fails, L8 and L15 bound the requests", async () => {
  const here = world();
  const auth = here.auth({ policy: { failurePause: { firstMs: 1_000, maxMs: 8_000, longMs: 30_000 } } });
  const token = await auth.getToken();
  down(here);
  await here.clock.advance(early);
  let seconds = 0;
  for (; here.clock.now() < (token.expiresAt?.getTime() ?? 0); seconds++) {
    expect(await auth.getToken()).toBe(token);
    await here.clock.advance(1_000);
  }
  const attempts = here.server.log.length - 1;
  expect(attempts).toBeGreaterThan(seconds / 31 - 1);
  // In the last 30 s callers wait for it, so that it is tried as often as if there were nothing: L15.
  expect(attempts).toBeLessThanOrEqual(seconds / 30 + 1 + 6);
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/network");
});

test("the pause is the app's to choose", async () => {
  const here = world();
  const auth = here.auth({ policy: { retryGapMs: 5_000 } });
  await auth.getToken();
  down(here);
  await here.clock.advance(early);
  for (let second = 0; second < 20; second++) {
    await auth.getToken();
    await here.clock.advance(1_000);
  }
  expect(here.server.log).toHaveLength(1 + 4);
});

test("with nothing to serve and no pause, every call asks again", async () => {
  const here = world();
  const auth = here.auth();
  down(here);
  for (let call = 0; call < 3; call++) expect(await failure(auth.getToken())).toBe("UNREACHABLE/network");
  expect(here.server.log).toHaveLength(3);
});

test("a good answer ends the pause", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(early);
  down(here);
  await auth.getToken();
  await here.clock.advance(0);
  here.server.before = () => {};
  await auth.getToken({ forceRefresh: true });
  await here.clock.advance(early);
  await auth.getToken();
  await here.clock.advance(0);
  expect(here.server.log.at(-1)).toBe("refresh rt-2");
});

test("a Retry-After longer than L8 is the pause; the token is served meanwhile", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  await here.clock.advance(early);
  down(here, unreachable("rate-limited", 120_000));
  await auth.getToken();
  await here.clock.advance(119_999);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(0);
  expect(here.server.log).toHaveLength(2);
  await here.clock.advance(1);
  await auth.getToken();
  await here.clock.advance(0);
  expect(here.server.log).toHaveLength(3);
});

test("a Retry-After answers the next calls without a request until it has passed, or somebody insists", async () => {
  const here = world();
  const auth = here.auth();
  down(here, unreachable("rate-limited", 120_000));
  await rejection(auth.getToken());
  await here.clock.advance(100_000);
  expect(await rejection(auth.getToken())).toMatchObject({ reason: "rate-limited", retryAfterMs: 20_000 });
  expect(here.server.log).toHaveLength(1);
  expect(await rejection(auth.getToken({ forceRefresh: true }))).toMatchObject({ retryAfterMs: 120_000 });
  expect(here.server.log).toHaveLength(2);
  await here.clock.advance(119_999);
  await rejection(auth.getToken());
  expect(here.server.log).toHaveLength(2);
  await here.clock.advance(1);
  await rejection(auth.getToken());
  expect(here.server.log).toHaveLength(3);
});

test("a Retry-After of hours is kept for hours and shown as one at most", async () => {
  const here = world();
  const auth = here.auth();
  down(here, unreachable("rate-limited", 5 * hour));
  await rejection(auth.getToken());
  for (let minute = 7; minute < 5 * 60; minute += 7) {
    await here.clock.advance(7 * 60_000);
    const error = (await rejection(auth.getToken())) as AuthError;
    expect(error.retryAfterMs).toBeLessThanOrEqual(hour);
  }
  expect(here.server.log).toHaveLength(1);
});

test("a Retry-After that a login was given holds for everybody but the next login", async () => {
  const here = world();
  const auth = here.auth();
  down(here, unreachable("rate-limited", 120_000));
  await rejection(auth.login());
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/rate-limited");
  expect(here.server.log).toHaveLength(1);
  expect(await failure(auth.login())).toBe("UNREACHABLE/rate-limited");
  expect(here.server.log).toHaveLength(2);
});

test("an unusable Retry-After neither bars nor pauses for ever", async () => {
  for (const retryAfterMs of [Number.NaN, -1, 0, Number.POSITIVE_INFINITY]) {
    const here = world();
    const auth = here.auth();
    down(here, unreachable("rate-limited", retryAfterMs));
    await rejection(auth.getToken());
    here.server.before = () => {};
    await here.clock.advance(366 * 24 * hour); // L9
    expect((await auth.getToken()).reveal(), `${retryAfterMs}`).toBe("at-1");
  }
});

test("SEC-63 a source that fails behind the callers fails nobody", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  here.credentials.before = () => {
    throw unreachable("vault-down");
  };
  await here.clock.advance(early);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(0);
  expect(here.events.at(-1)).toBe("warning UNREACHABLE/vault-down");
  expect(here.server.log).toHaveLength(1);
});

test("a refresh does without a source that has nothing", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  here.credentials.before = () => {
    throw new AuthError("ERR_AUTH_NOT_FOUND", "not-set", "test source: nothing there");
  };
  await here.clock.advance(late);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test.each([
  ["ERR_AUTH_DENIED", "locked"],
  ["ERR_AUTH_NOT_FOUND", "not-set"],
  ["ERR_AUTH_UNAVAILABLE", "no-terminal"],
] as const)(
  "the source's failure reaches the caller as it is, and nothing is sent: %s",
  async (code, reason) => {
    const here = world();
    const error = new AuthError(code, reason, `test source: ${reason}`);
    here.credentials.before = () => {
      throw error;
    };
    expect(await rejection(here.auth().getToken())).toBe(error);
    expect(here.server.log).toEqual([]);
  },
);

test("a login that failed does not put off the renewal of what there is", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(early);
  down(here);
  await rejection(auth.login());
  here.server.before = () => {};
  await auth.getToken();
  await here.clock.advance(0);
  expect(auth.peek()?.reveal()).toBe("at-2");
});
