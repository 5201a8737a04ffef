import { createAuth, type Grant } from "@auth/core";
import { expect, test } from "vitest";
import { failure } from "../support/outcome.ts";
import { refused, unreachable } from "../support/token-server.ts";
import { hour, type World, world } from "../support/world.ts";

/** As at Jamf: no refresh token; in the last 90 to 30 seconds the token can be extended, and the old one dies. */
function keeping(here: World, members: Partial<Grant> = {}) {
  const grant = here.server.grant();
  Reflect.deleteProperty(grant, "refresh");
  here.server.after = (_, { accessToken }) => ({ accessToken });
  return {
    ...grant,
    policy: { refreshAheadMs: 0, keepAliveWindow: { fromMs: 90_000, toMs: 30_000 } },
    keepAlive: async (tokens, context) => {
      here.server.log.push(`keep-alive ${tokens.accessToken.reveal()}`);
      await here.server.before({ kind: "keep-alive", what: "", context });
      const answer = await grant.exchange(here.credentials.value, context);
      here.server.log.pop();
      return answer;
    },
    ...members,
  } satisfies Grant;
}

test("in the window callers wait for the one flight that extends the token", async () => {
  const here = world();
  const auth = here.auth({ grant: keeping(here) });
  const token = await auth.getToken();
  await here.clock.advance(hour - 90_000);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(1);
  expect(auth.peek()).toBeUndefined();
  const tokens = await Promise.all([auth.getToken(), auth.getToken(), auth.getToken()]);
  expect(tokens.map((each) => each.reveal())).toEqual(["at-2", "at-2", "at-2"]);
  expect(here.server.log).toEqual(["exchange alice", "keep-alive at-1"]);
  expect(here.store.record()?.tokens.accessToken.reveal()).toBe("at-2");
});

test("after the window there is nothing to extend: exchange", async () => {
  const here = world();
  const auth = here.auth({ grant: keeping(here) });
  await auth.getToken();
  await here.clock.advance(hour - 29_999);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "exchange alice"]);
});

test.each([unreachable(), refused("credential-rejected"), new Error("oops")])(
  "if it fails the same flight goes on to exchange: %s",
  async (error) => {
    const here = world();
    const auth = here.auth({ grant: keeping(here) });
    await auth.getToken();
    await here.clock.advance(hour - 60_000);
    here.server.before = ({ kind }) => {
      if (kind === "keep-alive") throw error;
    };
    expect((await auth.getToken()).reveal()).toBe("at-2");
    expect(here.server.log).toEqual(["exchange alice", "keep-alive at-1", "exchange alice"]);
    expect(here.events.map((event) => event.split(" ")[0])).toEqual(["renewed", "warning", "renewed"]);
  },
);

test("if it fails and only a person could go on, the old token is served while it is good", async () => {
  const here = world();
  await here.auth().getToken();
  const { store, clock } = here;
  const auth = createAuth({ grant: keeping(here, { interactive: true }), store, clock });
  const token = await auth.getToken();
  await clock.advance(hour - 60_000);
  here.server.before = () => {
    throw unreachable();
  };
  for (let call = 0; call < 5; call++) expect(await auth.getToken()).toBe(token);
  expect(here.server.log).toEqual(["exchange alice", "keep-alive at-1"]);
  await clock.advance(60_000);
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/login-needed");
});

test("a refused token is not extended", async () => {
  const here = world();
  const auth = here.auth({ grant: keeping(here) });
  const token = await auth.getToken();
  await here.clock.advance(hour - 60_000);
  auth.reject(token);
  await auth.getToken();
  expect(here.server.log).toEqual(["exchange alice", "exchange alice"]);
});

test("the window is capped at half of the lifetime", async () => {
  const here = world({ lifetimeMs: 100_000 });
  const auth = here.auth({ grant: keeping(here) });
  const token = await auth.getToken();
  await here.clock.advance(50_000);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(1);
  await auth.getToken();
  expect(here.server.log).toEqual(["exchange alice", "keep-alive at-1"]);
});

test("the app's policy wins over the grant's", async () => {
  const here = world();
  const auth = here.auth({ grant: keeping(here), policy: { keepAliveWindow: { fromMs: 0, toMs: 0 } } });
  const token = await auth.getToken();
  await here.clock.advance(hour - 60_000);
  expect(await auth.getToken()).toBe(token);
  expect(here.server.log).toHaveLength(1);
});

test("two processes: the second adopts what the first extended", async () => {
  const here = world();
  const [one, two] = [here.auth({ grant: keeping(here) }), here.auth({ grant: keeping(here) })];
  await one.getToken();
  await two.getToken();
  await here.clock.advance(hour - 60_000);
  const tokens = await Promise.all([one.getToken(), two.getToken()]);
  expect(tokens.map((each) => each.reveal())).toEqual(["at-2", "at-2"]);
  expect(here.server.log).toEqual(["exchange alice", "keep-alive at-1"]);
});
