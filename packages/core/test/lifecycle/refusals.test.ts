import { type Credential, cached, chain, createAuth, isAuthError, type Provider, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { absent } from "../support/link.ts";
import { rejection } from "../support/outcome.ts";
import { password, refreshToken, source } from "../support/source.ts";
import { refused } from "../support/token-server.ts";
import { hour, world } from "../support/world.ts";

const broken: Provider = { name: "vault", get: () => Promise.reject(absent("vault")) };

test("a refused secret: the error says which source holds it, of a chain the link that answered, and its version", async () => {
  const here = world();
  here.server.secrets.clear();
  here.credentials.value = { ...password(), version: "v7" };
  const credentials = chain(broken, { ...here.credentials, name: "env ACME_*" });
  const error = await rejection(here.auth({ credentials }).getToken());
  expect(error).toMatchObject({
    code: "ERR_AUTH_GRANT",
    reason: "credential-rejected",
    message: "acme: refused What was refused comes from env ACME_*, version v7.",
    error: "invalid_grant",
    status: 400,
  });
});

test("also where a person signs in with it", async () => {
  const here = world();
  here.server.secrets.clear();
  const auth = here.auth({ grant: here.server.grant({ interactive: true }) });
  expect(await rejection(auth.login())).toMatchObject({
    message: expect.stringContaining("comes from test source."),
  });
});

test("a refused refresh token of a source: so does the error that asks for a login, at once and later", async () => {
  const here = world();
  here.server.secrets.clear();
  const credentials = source(refreshToken());
  const auth = here.auth({ grant: here.server.grant({ accepts: ["refresh-token"] }), credentials });
  for (let call = 0; call < 2; call++)
    expect(await rejection(auth.getToken())).toMatchObject({
      code: "ERR_AUTH_INTERACTION_REQUIRED",
      reason: "refresh-token-rejected",
      message: expect.stringContaining("What was refused comes from test source."),
    });
});

test("a refresh token of the store is not blamed on the source", async () => {
  const here = world();
  const { server, store, clock } = here;
  await here.auth().getToken();
  server.revokeAll();
  await clock.advance(hour);
  const error = await rejection(
    createAuth({ grant: server.grant({ interactive: true }), store, clock }).getToken(),
  );
  expect((error as Error).message).not.toContain("comes from");
});

test("what caused the refusal stays its cause", async () => {
  const here = world();
  const cause = refused("inner");
  here.server.before = () => {
    throw Object.defineProperty(refused("credential-rejected"), "cause", { value: cause });
  };
  expect(await rejection(here.auth().getToken())).toHaveProperty("cause", cause);
});

test("another refusal is said as it is", async () => {
  const here = world();
  const error = refused("invalid-scope");
  here.server.before = () => {
    throw error;
  };
  expect(await rejection(here.auth().getToken())).toBe(error);
});

test.each<[string, unknown, string]>([
  ["another type", { type: "api-key", key: new Secret("k") }, "found api-key; acme takes password."],
  ["nothing", undefined, "found no credential, but undefined; acme takes password."],
  ["text", "pw", "found no credential, but a string; acme takes password."],
  [
    "an object of its own",
    { accessKeyId: "x" },
    "found no credential, but an object of another kind; acme takes password.",
  ],
])("a source that yields %s: what was found, where, and what to do", async (_, value, words) => {
  const here = world();
  here.credentials.value = value as Credential;
  const error = await rejection(here.auth().getToken());
  expect(error).toMatchObject({
    code: "ERR_AUTH_INVALID",
    reason: "credential-type",
    provider: "test source",
    message: `test source: ${words} Put that there, or use another grant.`,
  });
});

test("SEC-3 a type that is none of ours is not quoted, and the link that has it is named", async () => {
  const { value, check } = canary("type");
  const here = world();
  here.credentials.value = { type: value } as never;
  check(await rejection(here.auth().getToken()));
  here.credentials.value = { type: "api-key", key: new Secret(value) };
  const error = await rejection(
    here.auth({ credentials: chain(broken, { ...here.credentials, name: "settings" }) }).getToken(),
  );
  expect(isAuthError(error) && error.provider).toBe("settings");
  check(error);
});

test("a source hears which types the grant takes, through chains and caches too", async () => {
  const here = world();
  const heard: unknown[] = [];
  const listening: Provider = {
    name: "listening",
    get: async (options) => {
      heard.push(options?.accepts);
      return password();
    },
  };
  const credentials = cached(chain(broken, cached(listening, { ttlMs: hour })), { ttlMs: hour });
  await here.auth({ credentials }).getToken();
  expect(heard).toEqual([["password"]]);
});
