import type { AuthEvent, AuthOptions } from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { failure } from "../support/outcome.ts";
import { tokenLike } from "../support/token-like.ts";
import { refused, unreachable } from "../support/token-server.ts";
import { early, hour, type World, world } from "../support/world.ts";

/** What one Auth says; reads of its source apart. */
function observed(here: World, more: Partial<AuthOptions> = {}) {
  const events: AuthEvent[] = [];
  const reads: AuthEvent[] = [];
  const onEvent = (event: AuthEvent): unknown => (event.type === "read" ? reads : events).push(event);
  return { auth: here.auth({ onEvent, ...more }), events, reads };
}

test("renewed: the Auth's name, when, how long, what, which token", async () => {
  const here = world();
  const { auth, events } = observed(here, { name: "work" });
  here.server.before = () => here.clock.advance(250);
  const token = await auth.getToken();
  expect(events).toEqual([
    {
      type: "renewed",
      auth: "work",
      at: new Date(here.clock.now()),
      action: "exchange",
      durationMs: 250,
      tokenId: token.id,
      provider: "test source",
      account: "alice",
      message: "work: renewed by exchange from test source of alice",
    },
  ]);
  await here.clock.advance(hour);
  await auth.getToken();
  expect(events[1]).toMatchObject({ type: "renewed", action: "refresh" });
});

test("events are sent after publishing: in a handler peek() is the new token", async () => {
  const here = world();
  const seen: (string | undefined)[] = [];
  const auth = here.auth({
    onEvent: ({ type }) => type !== "read" && seen.push(`${type} ${auth.peek()?.reveal()}`),
  });
  await auth.getToken();
  await here.auth().getToken({ forceRefresh: true });
  await here.clock.advance(hour - 10_000);
  here.clock.setWall(here.clock.now());
  await auth.getToken();
  await auth.login();
  await auth.logout();
  expect(seen[0]).toBe("renewed at-1");
  expect(seen.slice(-2)).toEqual([expect.stringMatching(/^login at-\d$/), "logout undefined"]);
});

test("adopted: a sibling did the work; and not for what this Auth wrote itself", async () => {
  const here = world();
  await here.auth().getToken();
  const { auth, events } = observed(here);
  await auth.getToken();
  expect(events.map(({ type }) => type)).toEqual(["adopted"]);
  expect(events[0]?.tokenId).toBe(auth.peek()?.id);
});

test("saving late what was refreshed early is one renewal, and nothing is adopted", async () => {
  const here = world();
  const { auth, events } = observed(here);
  await auth.getToken();
  await here.clock.advance(early);
  here.store.before.write = () => {
    throw unreachable("save-failed");
  };
  await auth.getToken();
  await here.clock.advance(90_000);
  delete here.store.before.write;
  await auth.getToken();
  await here.clock.advance(0);
  expect(events.map(({ type }) => type)).toEqual(["renewed", "warning", "renewed"]);
  expect(auth.peek()?.reveal()).toBe("at-2");
});

test("failed where nothing can be served, warning where the token is still good", async () => {
  const here = world();
  const { auth, events } = observed(here);
  here.server.before = () => {
    throw unreachable();
  };
  await failure(auth.getToken());
  expect(events).toMatchObject([{ type: "failed", code: "ERR_AUTH_UNREACHABLE", reason: "network" }]);
  here.server.before = () => {};
  await auth.getToken();
  await here.clock.advance(early);
  here.server.before = () => {
    throw refused("invalid-scope");
  };
  await auth.getToken();
  await here.clock.advance(0);
  expect(events.at(-1)).toMatchObject({ type: "warning", code: "ERR_AUTH_GRANT", reason: "invalid-scope" });
});

test("a grant's warning passes through", async () => {
  const here = world();
  const { auth, events } = observed(here);
  here.server.before = ({ context }) => context.warn("lifetime-unknown");
  await auth.getToken();
  expect(events[0]).toMatchObject({ type: "warning", reason: "lifetime-unknown" });
});

test("an observer that throws ends nothing", async () => {
  const here = world();
  const auth = here.auth({
    onEvent: () => {
      throw new Error("observer");
    },
  });
  expect((await auth.getToken()).reveal()).toBe("at-1");
  auth.reject(await auth.getToken());
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect((await auth.logout()).complete).toBe(true);
});

test("an observer may ask for the token", async () => {
  const here = world();
  const asked: Promise<unknown>[] = [];
  const auth = here.auth({
    onEvent: ({ type }) => type !== "read" && asked.push(auth.getToken().catch(() => "no token")),
  });
  await auth.getToken();
  here.server.before = () => {
    throw unreachable();
  };
  await here.clock.advance(hour);
  await failure(auth.getToken());
  expect(await Promise.all(asked)).toEqual([auth.peek() ?? expect.anything(), "no token"]);
  expect(here.server.log.length).toBeLessThanOrEqual(3);
});

test("SEC-6 no event holds a secret", async () => {
  const secret = canary("token");
  const here = world();
  const { auth, events, reads } = observed(here);
  here.server.after = (_, tokens) => ({
    ...tokens,
    accessToken: tokenLike(tokens.accessToken, secret.value),
  });
  auth.reject(await auth.getToken());
  await auth.getToken();
  here.server.before = () => {
    throw new Error(secret.value);
  };
  await failure(auth.getToken({ forceRefresh: true }));
  await auth.logout();
  expect(events.map(({ type }) => type)).toEqual(["renewed", "rejected", "renewed", "warning", "logout"]);
  secret.check(events, reads);
});
