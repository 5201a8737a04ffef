import * as mine from "@auth/core";
import { expect, test, vi } from "vitest";
import { rejection } from "./support/outcome.ts";
import { hour, world } from "./support/world.ts";

vi.resetModules();
/** Another copy of this package in the same program, as npm makes them. */
const theirs: typeof mine = await import("@auth/core");

test("they are two copies", () => {
  expect(theirs.AuthError).not.toBe(mine.AuthError);
  expect(theirs.Secret).not.toBe(mine.Secret);
  expect(theirs.createAuth).not.toBe(mine.createAuth);
});

test("an error of one copy is known to the other", () => {
  const error = new theirs.AuthError("ERR_AUTH_DENIED", "locked", "keychain: locked");
  expect(error).not.toBeInstanceOf(mine.AuthError);
  expect(mine.isAuthError(error, "ERR_AUTH_DENIED")).toBe(true);
  expect(mine.isAuthError(error, "ERR_AUTH_GRANT")).toBe(false);
  expect(mine.toAuthError(error, "x")).toBe(error);
  expect(new mine.AuthError("ERR_AUTH_INVALID", "r", "m", { cause: error }).cause).toBe(error);
});

test("a chain of one copy goes on and stops as it should with sources of the other", async () => {
  const failing = (code: mine.AuthErrorCode) => ({
    name: "theirs",
    get: async () => {
      throw new theirs.AuthError(code, "why", "theirs: why");
    },
  });
  const found = theirs.fixed("found");
  expect(await mine.chain(failing("ERR_AUTH_NOT_FOUND"), found).get()).toBe("found");
  const denied = await rejection(mine.chain(failing("ERR_AUTH_DENIED"), found).get());
  expect(denied).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "why" });
});

test("an Auth of one copy works with source, grant, tokens, secrets, store and clock of the other", async () => {
  const here = world();
  const grant = here.server.grant();
  here.server.after = (_, { accessToken, refreshToken }) => ({
    accessToken: new theirs.AccessToken(accessToken.reveal(), {
      expiresAt: accessToken.expiresAt,
      obtainedAt: accessToken.obtainedAt,
      scopes: ["read"],
    }),
    ...(refreshToken && { refreshToken: new theirs.Secret(refreshToken.reveal()) }),
  });
  const credentials = theirs.fixed({
    type: "password",
    username: "alice",
    password: new theirs.Secret("pw"),
  } as const);
  const store = theirs.memoryStore({ clock: here.clock });
  const one = mine.createAuth({ grant, credentials, store, clock: here.clock });
  const two = theirs.createAuth({ grant, credentials, store, clock: here.clock });

  const token = await one.getToken();
  expect((await two.getToken()).id).toBe(token.id);
  one.reject(await two.getToken());
  expect((await one.getToken()).reveal()).toBe("at-2");
  await here.clock.advance(hour);
  const both = await Promise.all([one.getToken(), two.getToken()]);
  expect(both.map((each) => each.reveal())).toEqual(["at-3", "at-3"]);
  expect(here.server.faults).toEqual([]);
  expect((await two.logout()).complete).toBe(true);
});

test("a refusal thrown by the other copy's grant is understood", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.server.before = ({ kind }) => {
    if (kind === "refresh") throw new theirs.AuthError("ERR_AUTH_GRANT", "refresh-token-rejected", "refused");
  };
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "exchange alice"]);
});

test("records of one copy are read by the other", () => {
  const tokens = { accessToken: new mine.AccessToken("at"), refreshToken: new mine.Secret("rt") };
  const record = theirs.decodeRecord(mine.encodeRecord({ tokens, partition: "p" }));
  expect(record.tokens.refreshToken?.reveal()).toBe("rt");
});
