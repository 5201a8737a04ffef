import { AuthError, Secret, type TokenSet } from "@auth/core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failure } from "../support/outcome.ts";
import { refreshToken, source } from "../support/source.ts";
import { tokenLike } from "../support/token-like.ts";
import { hour, type World, world } from "../support/world.ts";

const malformed = (): never => {
  throw new AuthError("ERR_AUTH_INVALID", "malformed-response", "acme: the answer lacks an access token");
};

/** Logs in with everything a record can hold, then lets the access token expire. */
async function loggedIn(here: World) {
  const { server, clock } = here;
  const sessionExpiresAt = new Date(clock.now() + 10 * hour);
  server.after = ({ kind }, tokens) =>
    kind !== "exchange"
      ? tokens
      : {
          ...tokens,
          accessToken: tokenLike(tokens.accessToken, tokens.accessToken.reveal(), { scopes: ["read"] }),
          idToken: new Secret("id-1"),
          sessionExpiresAt,
          refreshAfter: new Date(clock.now() + hour / 2),
          extra: { tenant: "north" },
        };
  const auth = here.auth();
  await auth.getToken();
  await clock.advance(hour);
  return { auth, sessionExpiresAt };
}

test("SEC-60 what a refresh answer leaves out stays: refresh token, ID token, scopes, session end, extra", async () => {
  const here = world({ rotates: false });
  const { auth, sessionExpiresAt } = await loggedIn(here);
  const token = await auth.getToken();

  expect(token.reveal()).toBe("at-2");
  expect(token.scopes).toEqual(["read"]);
  const tokens = here.store.record()?.tokens;
  expect(tokens?.accessToken.reveal()).toBe("at-2");
  expect(tokens?.accessToken.id).toBe(token.id);
  expect(tokens?.refreshToken?.reveal()).toBe("rt-1");
  expect(tokens?.idToken?.reveal()).toBe("id-1");
  expect(tokens?.sessionExpiresAt).toEqual(sessionExpiresAt);
  expect(tokens?.extra).toEqual({ tenant: "north" });
});

test("a server's wish when to renew belongs to the token it came with", async () => {
  const here = world();
  const { auth } = await loggedIn(here);
  await auth.getToken();
  expect(here.store.record()?.tokens).not.toHaveProperty("refreshAfter");
});

test("SEC-60 a new value replaces the old one", async () => {
  const here = world();
  const { auth } = await loggedIn(here);
  here.server.after = (_, tokens) => ({ ...tokens, idToken: new Secret("id-2"), extra: { tenant: "south" } });
  await auth.getToken();
  const tokens = here.store.record()?.tokens;
  expect(tokens?.idToken?.reveal()).toBe("id-2");
  expect(tokens?.refreshToken?.reveal()).toBe("rt-2");
  expect(tokens?.extra).toEqual({ tenant: "south" });
});

test.each([undefined, null])("SEC-60 a field that an answer sets to %s keeps its value", async (nothing) => {
  const here = world({ rotates: false });
  const { auth, sessionExpiresAt } = await loggedIn(here);
  here.server.after = (_, tokens) =>
    ({
      accessToken: tokens.accessToken,
      refreshToken: nothing,
      idToken: nothing,
      sessionExpiresAt: nothing,
      extra: nothing,
    }) as unknown as TokenSet;
  await auth.getToken();
  const tokens = here.store.record()?.tokens;
  expect(tokens?.refreshToken?.reveal()).toBe("rt-1");
  expect(tokens?.idToken?.reveal()).toBe("id-1");
  expect(tokens?.sessionExpiresAt).toEqual(sessionExpiresAt);
  expect(tokens?.extra).toEqual({ tenant: "north" });
});

test("SEC-32 a refresh token in an unusable answer is saved, and used by the next refresh", async () => {
  const here = world();
  const { auth } = await loggedIn(here);
  here.server.after = ({ context }, tokens) => {
    context.salvage(tokens.refreshToken as Secret);
    return malformed();
  };
  const start = here.clock.monotonic();
  expect(await failure(eventually(here.clock, auth.getToken()))).toBe("INVALID/malformed-response");
  expect(here.clock.monotonic()).toBe(start);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");

  here.server.after = (_, tokens) => tokens;
  expect((await auth.getToken()).reveal()).toBe("at-3");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "refresh rt-2"]);
  expect(here.server.faults).toEqual([]);
});

test("SEC-32 salvage in the hard window serves the old token, which is still good", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour - 10_000);
  here.server.after = ({ context }, tokens) => {
    context.salvage(tokens.refreshToken as Secret);
    return malformed();
  };
  expect((await auth.getToken()).reveal()).toBe("at-1");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
  expect(here.events).toEqual(["renewed", "warning INVALID/malformed-response"]);
});

test("SEC-32 salvage does not make a refused access token good again", async () => {
  const here = world();
  const auth = here.auth();
  auth.reject(await auth.getToken());
  here.server.after = ({ context }, tokens) => {
    context.salvage(tokens.refreshToken as Secret);
    return malformed();
  };
  expect(await failure(eventually(here.clock, auth.getToken()))).toBe("INVALID/malformed-response");
  expect(auth.peek()).toBeUndefined();
});

test("SEC-32 a refresh token of the source is salvaged when it is exchanged", async () => {
  const here = world();
  const auth = here.auth({
    credentials: source(refreshToken("rt-0")),
    grant: here.server.grant({ accepts: ["refresh-token"] }),
  });
  here.server.after = ({ context }, tokens) => {
    context.salvage(tokens.refreshToken as Secret);
    return malformed();
  };
  expect(await failure(eventually(here.clock, auth.getToken()))).toBe("INVALID/malformed-response");

  here.server.after = (_, tokens) => tokens;
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange rt-0", "refresh rt-1"]);
});

test("SEC-32 a refresh token beside an unusable access token is saved though the grant does not say so", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  const accessToken = { reveal: () => "line\nbreak", type: "Bearer", id: "1" };
  here.server.after = (_, tokens) => ({ ...tokens, accessToken });
  expect(await failure(auth.getToken())).toMatch(/^INVALID\//);
  here.server.after = (_, tokens) => tokens;
  expect((await auth.getToken()).reveal()).toBe("at-3");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "refresh rt-2"]);
});
