import { getEventListeners } from "node:events";
import { setImmediate as macrotask } from "node:timers/promises";
import { AuthError } from "@auth/core";
import { describe, expect, test } from "vitest";
import { failure } from "./context.ts";
import { attempt, device, grantFor, login, pending, slowDown } from "./device.ts";
import { json, raw, reset, scriptedServer, silence, status, token } from "./scripted-server.ts";

describe("SEC-94 when it asks", () => {
  test.each<[string, unknown, number]>([
    ["as the server says", 7, 7],
    ["every 5 s if it does not say", undefined, 5],
    ["every 5 s if nobody can read what it says", "7s", 5],
    ["every second at most", 0, 1],
    ["every second at most, even for a negative interval", -3, 1],
    ["every minute at least", 3_600, 60],
  ])("%s", async (_, interval, seconds) => {
    const { times, tokens } = await login([device({ interval }), pending, pending, token()]);
    expect(tokens?.accessToken.reveal()).toBe("at");
    expect(times).toHaveLength(4);
    for (const [i, time] of times.entries()) {
      const waited = time - (times[i - 1] ?? 0);
      if (i === 0) continue;
      expect(waited).toBeGreaterThan(seconds); // never to the millisecond: clocks differ
      expect(waited).toBeLessThan(seconds + 0.2);
    }
  });

  test("slow_down means 5 s more, for good", async () => {
    const { times } = await login([device(), pending, slowDown, pending, slowDown, token()]);
    expect(gaps(times)).toEqual([5, 5, 10, 10, 15]);
  });

  test.each([
    ["a broken connection", reset],
    ["a 502", status(502)],
    ["a 503", status(503)],
  ])("%s doubles the interval, up to a minute, and is no end", async (_, broken) => {
    const { times, tokens } = await login([device(), broken, broken, pending, broken, broken, token()]);
    expect(tokens).toBeDefined();
    expect(gaps(times)).toEqual([5, 10, 20, 20, 40, 60]);
  });

  test("attempts of the app's do not repeat a poll", async () => {
    const options = { attempts: { unknownOutcome: 3, notProcessed: 3 } };
    const { times } = await login([device(), status(502), token()], options);
    expect(gaps(times)).toEqual([5, 10]);
  });

  test("a time-out doubles the interval, too", async () => {
    await using server = await scriptedServer(device(), silence, token());
    const { context, clock, times, drive } = attempt();
    const work = grantFor(server).exchange(undefined, context);
    await drive(until(() => server.requests.length === 2));
    await clock.advance(10_000); // the time-out of the poll
    await drive(work);
    expect(gaps(times)).toEqual([5, 10 + 10]);
  });

  test("Retry-After is waited for; if it is over 30 s, the login fails", async () => {
    const soon = await login([device(), status(429, { "retry-after": "25" }), token()]);
    expect(gaps(soon.times)).toEqual([5, 25]);
    const { error, times } = await login([device(), status(429, { "retry-after": "31" }), token()]);
    expect(error).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "rate-limited",
      retryAfterMs: 31_000,
    });
    expect(times).toHaveLength(2);
  });
});

describe("SEC-94 how it ends", () => {
  test.each<[string, ReturnType<typeof json>, object]>([
    [
      "access_denied",
      json({ error: "access_denied" }, 400),
      { code: "ERR_AUTH_DENIED", reason: "login-denied" },
    ],
    [
      "expired_token",
      json({ error: "expired_token" }, 400),
      { code: "ERR_AUTH_INTERACTION_REQUIRED", reason: "login-timeout" },
    ],
    [
      "invalid_grant",
      json({ error: "invalid_grant" }, 400),
      { code: "ERR_AUTH_GRANT", reason: "refused", error: "invalid_grant" },
    ],
    [
      "invalid_client",
      json({ error: "invalid_client" }, 401),
      { code: "ERR_AUTH_GRANT", reason: "credential-rejected" },
    ],
    [
      "HTML",
      raw("<p>", { "content-type": "text/html" }),
      { code: "ERR_AUTH_INVALID", reason: "malformed-response" },
    ],
    [
      "HTML with 403",
      raw("<p>", { "content-type": "text/html" }, 403),
      { code: "ERR_AUTH_GRANT", reason: "refused" },
    ],
    ["a redirect", status(302), { code: "ERR_AUTH_INVALID", reason: "redirect" }],
  ])("%s ends it, and nobody asks again", async (_, script, expected) => {
    const { error, times, forms } = await login([device(), pending, script, token()]);
    expect(error).toMatchObject(expected);
    expect(error).toBeInstanceOf(AuthError);
    expect(times).toHaveLength(3);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain("dc-secret");
    expect(forms.at(-1)).toMatchObject({ device_code: "dc-secret" });
  });

  test("the words of the protocol are understood whatever the secrets look like", async () => {
    const { tokens, times } = await login([
      device({ device_code: "authorization_pending", interval: 1 }),
      pending,
      token(),
    ]);
    expect(tokens).toBeDefined();
    expect(times).toHaveLength(3);
  });

  test.each<[string, number | undefined, number | undefined, number, number]>([
    ["with the server's code", 12, undefined, 12, 5],
    ["after half an hour", 86_400, undefined, 1_800, 60],
    ["after half an hour if the server does not say", undefined, undefined, 1_800, 60],
    ["as the app says", 600, 20_000, 20, 5],
    ["with the server's code, if the app would wait longer", 12, 60_000, 12, 5],
  ])("%s, and not earlier", async (_, expires_in, loginTimeoutMs, seconds, interval) => {
    const options = loginTimeoutMs === undefined ? {} : { loginTimeoutMs };
    const { error, clock, times, steps, context } = await login(
      [device({ expires_in, interval }), pending],
      options,
    );
    expect(error).toMatchObject({ code: "ERR_AUTH_INTERACTION_REQUIRED", reason: "login-timeout" });
    const end = Date.UTC(2026, 0, 1) + seconds * 1_000;
    expect(steps[0]?.expiresAt).toEqual(new Date(end));
    expect(clock.now()).toBeGreaterThanOrEqual(end);
    expect(clock.now()).toBeLessThan(end + 250);
    expect(times.at(-1)).toBeLessThan(seconds);
    expect(times).toHaveLength(1 + Math.floor(seconds / (interval + 0.1)));
    expect(clock.pending).toEqual([]);
    expect(getEventListeners(context.signal, "abort")).toEqual([]);
  });
});

describe("SEC-28 abort", () => {
  test("while it waits: no further request, no timer, and the signal's own reason", async () => {
    await using server = await scriptedServer(device(), pending);
    const controller = new AbortController();
    const { context, clock, drive } = attempt({ signal: controller.signal });
    const work = failure(grantFor(server).exchange(undefined, context));
    const twice = until(() => server.requests.length === 2);
    await drive(twice);
    await drive(clock.sleep(1_000));
    controller.abort("enough");
    expect(await work).toBe("enough");
    expect(clock.pending).toEqual([]);
    await clock.advance(600_000);
    expect(server.requests).toHaveLength(2);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("while it asks, too", async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await scriptedServer(device(), () => arrived.resolve());
    const controller = new AbortController();
    const { context, clock, drive } = attempt({ signal: controller.signal });
    const work = failure(grantFor(server).exchange(undefined, context));
    await drive(arrived.promise);
    controller.abort("enough");
    expect(await work).toBe("enough");
    await server.hungUp;
    expect(clock.pending).toEqual([]);
  });

  test("before it begins: not even the first one", async () => {
    await using server = await scriptedServer(device());
    const { context } = attempt({ signal: AbortSignal.abort("no") });
    expect(await failure(grantFor(server).exchange(undefined, context))).toBe("no");
    expect(server.requests).toEqual([]);
  });

  test("an interaction that fails ends the login with its failure; one that takes its time does not hold it up", async () => {
    const closed = new Error("the window was closed");
    const failed = await login([device(), pending], {}, { interaction: () => Promise.reject(closed) });
    expect(failed.error).toBe(closed);
    expect(failed.times).toHaveLength(1);
    const thrown = await login(
      [device(), pending],
      {},
      {
        interaction: () => {
          throw closed;
        },
      },
    );
    expect(thrown.error).toBe(closed);
    const open = await login([device(), token()], {}, { interaction: () => new Promise(() => {}) });
    expect(open.tokens).toBeDefined();
  });
});

test("an interaction that fails while a poll is under way ends that, too", async () => {
  const arrived = Promise.withResolvers<void>();
  await using server = await scriptedServer(device(), () => arrived.resolve());
  const closed = new Error("the window was closed");
  const { context, drive } = attempt({
    interaction: () => arrived.promise.then(() => Promise.reject(closed)),
  });
  const work = failure(grantFor(server).exchange(undefined, context));
  await drive(arrived.promise);
  expect(await work).toBe(closed);
  await server.hungUp;
});

/** The pauses between requests, in whole seconds. */
function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => Math.floor(time - (times[i] ?? 0)));
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await macrotask();
}
