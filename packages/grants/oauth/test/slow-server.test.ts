import { createAuth, fixed, Secret } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { clientCredentials, refreshToken } from "../src/index.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import { json, type Script, scriptedServer, token } from "./scripted-server.ts";

const credential = { type: "refresh-token", refreshToken: new Secret("r1") } as const;
const client = { type: "client-secret", clientId: "app", clientSecret: new Secret("s") } as const;

/** Answers when the test says so. */
function held(): { readonly script: Script; readonly arrived: Promise<void>; go(): void } {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  return {
    arrived: arrived.promise,
    go: () => gate.resolve(),
    script: (response, request) => {
      arrived.resolve();
      void gate.promise.then(() => token({ refresh_token: "r2" })(response, request));
    },
  };
}

describe("L1 L3 what spends a refresh token gets one attempt, with all of the time there is", () => {
  test.each([
    ["12 s", 12_000, 60_000],
    ["59.9 s", 59_900, 60_000],
    ["100 s, where the call has that much", 100_000, 120_000],
  ])("SEC-28 a server that answers after %s keeps the login, for one request", async (_, ms, timeLeftMs) => {
    const slow = held();
    await using server = await scriptedServer(slow.script);
    const clock = fakeClock();
    const grant = refreshToken({
      issuer: server.origin,
      tokenEndpoint: server.tokenEndpoint,
      clientId: "app",
    });
    const work = grant.exchange(credential, testContext({ clock, timeLeftMs }));
    await slow.arrived;
    await clock.advance(ms);
    slow.go();
    expect((await work).refreshToken?.reveal()).toBe("r2");
    expect(server.requests).toHaveLength(1);
  });

  test("SEC-28 a login with a server that always takes 12 s goes on, one request for each renewal", async () => {
    const gates = [held(), held(), held()];
    await using server = await scriptedServer(...gates.map(({ script }) => script));
    const clock = fakeClock();
    await using auth = createAuth({
      grant: refreshToken({ issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "app" }),
      credentials: fixed(credential),
      clock,
    });
    for (const slow of gates) {
      const work = auth.getToken();
      await slow.arrived;
      await clock.advance(12_000);
      slow.go();
      expect((await work).type).toBe("Bearer");
      await clock.advance(3_600_000);
    }
    const sent = server.requests.map(({ body }) => new URLSearchParams(body).get("refresh_token"));
    expect(sent).toEqual(["r1", "r2", "r2"]);
  });

  test("SEC-29 a server that never answers ends when the time is over, and gets nothing twice", async () => {
    const slow = held();
    await using server = await scriptedServer(slow.script);
    const clock = fakeClock();
    const grant = refreshToken({
      issuer: server.origin,
      tokenEndpoint: server.tokenEndpoint,
      clientId: "app",
    });
    const { timeLeftMs: _unsaid, ...context } = testContext({ clock });
    const work = failure(grant.exchange(credential, context));
    await slow.arrived;
    await clock.advance(60_000);
    expect(await work).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
    expect(server.requests).toHaveLength(1);
  });

  test("the app's own timeoutMs goes before that", async () => {
    const slow = held();
    await using server = await scriptedServer(slow.script);
    const clock = fakeClock();
    const at = { issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "app" };
    const work = failure(
      refreshToken({ ...at, timeoutMs: 10_000 }).exchange(credential, testContext({ clock })),
    );
    await slow.arrived;
    await clock.advance(10_000);
    expect(await work).toMatchObject({ reason: "timeout" });
  });

  test("L1 anything else ends after ten seconds, and no later than the call", async () => {
    for (const [timeLeftMs, ms] of [
      [60_000, 10_000],
      [4_000, 4_000],
    ] as const) {
      const slow = held();
      await using server = await scriptedServer(slow.script);
      const clock = fakeClock();
      const at = { issuer: server.origin, tokenEndpoint: server.tokenEndpoint };
      const context = testContext({ clock, timeLeftMs, attempts: "one" });
      const work = failure(clientCredentials(at).exchange(client, context));
      await slow.arrived;
      await clock.advance(ms - 1);
      expect(clock.pending).toHaveLength(1);
      await clock.advance(1);
      expect(await work).toMatchObject({ reason: "timeout" });
    }
  });

  test("L6 the metadata's time counts, and without any left nothing is sent", async () => {
    const clock = hastyClock();
    const metadata: Script = (response, request) => {
      clock.pass(50_000);
      const origin = `http://${request.headers.host}`;
      json({ issuer: origin, token_endpoint: `${origin}/token` })(response, request);
    };
    await using server = await scriptedServer(metadata);
    const grant = refreshToken({ issuer: server.origin, clientId: "app", timeoutMs: 60_000 });
    const error = await failure(grant.exchange(credential, testContext({ clock, timeLeftMs: 45_000 })));
    expect(error).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
    expect((error as Error).message).toContain("nothing was sent");
    expect(server.requests.map(({ path }) => path)).toEqual(["/.well-known/openid-configuration"]);
  });

  test("L6 a pause that would outlast the call is not begun", async () => {
    const clock = hastyClock();
    await using server = await scriptedServer((response) =>
      response.writeHead(503, { "retry-after": "20" }).end(),
    );
    const at = { issuer: server.origin, tokenEndpoint: server.tokenEndpoint, timeoutMs: 60_000 };
    const context = testContext({
      clock: { ...clock, sleep: (ms, o) => clock.sleep(ms === 5_000 ? 60_000 : ms, o) },
      timeLeftMs: 5_000,
    });
    expect(await failure(clientCredentials(at).exchange(client, context))).toMatchObject({
      reason: "rate-limited",
      retryAfterMs: 20_000,
    });
    expect(server.requests).toHaveLength(1);
  });
});
