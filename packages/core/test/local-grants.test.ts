import {
  type AuthOptions,
  apiKey,
  basic,
  bearer,
  type Credential,
  createAuth,
  fixed,
  type Grant,
  Secret,
} from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { failure, rejection, short, thrownBy } from "./support/outcome.ts";
import { source } from "./support/source.ts";
import { testStore } from "./support/test-store.ts";

const headersOf = async (grant: AuthOptions["grant"], credential: Credential): Promise<object> =>
  Object.fromEntries(await createAuth({ grant, credentials: fixed<Credential>(credential) }).headers());
const token = (text: string): Credential => ({
  type: "access-token",
  token: new Secret(text),
  source: "env ACME",
});
const key = (text: string): Credential => ({ type: "api-key", key: new Secret(text), source: "env ACME" });
const password = (username: string, text: string): Credential => ({
  type: "password",
  username,
  password: new Secret(text),
  source: "env ACME",
});

test("bearer presents an access token as it is", async () => {
  expect(await headersOf(bearer(), token("a.b-c_d~e+f/="))).toEqual({
    authorization: "Bearer a.b-c_d~e+f/=",
  });
});

test("apiKey presents a key in its header", async () => {
  expect(await headersOf(apiKey(), key("k-1"))).toEqual({ "x-api-key": "k-1" });
  expect(await headersOf(apiKey({ header: "X-Acme" }), key("k-1"))).toEqual({ "x-acme": "k-1" });
});

test("basic presents user and password, or client id and secret, in UTF-8 (RFC 7617)", async () => {
  const decoded = async (credential: Credential): Promise<string> => {
    const headers = (await headersOf(basic(), credential)) as { authorization: string };
    expect(headers.authorization).toMatch(/^Basic [A-Za-z0-9+/]+=*$/);
    return Buffer.from(headers.authorization.slice(6), "base64").toString();
  };
  expect(await decoded(password("Aladdin", "open sesame"))).toBe("Aladdin:open sesame");
  expect(await decoded(password("tëst", "123£🔑"))).toBe("tëst:123£🔑");
  expect(await decoded(password("a", "b:c:d"))).toBe("a:b:c:d");
  expect(await decoded(password("", ""))).toBe(":");
  expect(await decoded({ type: "client-secret", clientId: "c", clientSecret: new Secret("s") })).toBe("c:s");
});

describe("SEC-10 a secret that cannot travel is INVALID/secret-format naming its source, and is not quoted", () => {
  const bad = [
    "",
    "\n",
    "a\r\nb",
    "a\nx: y",
    "a\0",
    "a\x7f",
    " a",
    "a ",
    "a b",
    "é",
    "🔑",
    "x".repeat(65_537),
  ];
  test.each(bad.map((text) => [JSON.stringify(text.slice(0, 12)), text]))("%s", async (_, text) => {
    for (const [grant, credential] of [
      [bearer(), token(text)],
      [apiKey(), key(text)],
    ] as const) {
      const auth = createAuth({ grant, credentials: fixed<Credential>(credential) });
      expect(await failure(auth.headers())).toBe("INVALID/secret-format");
      expect(await rejection(auth.getToken())).toMatchObject({ provider: "env ACME" });
    }
  });

  test.each([
    ["a colon in the user name", "a:b", "c"],
    ["a line break in the user name", "a\nb", "c"],
    ["a line break in the password", "a", "c\r\nx: y"],
    ["NUL", "a", "\0"],
    ["a C1 control", "a", "\x85"],
    ["more than fits", "a", "x".repeat(65_536)],
    ["a mebibyte", "a", "x".repeat(1_048_576)],
  ])("basic: %s", async (_, user, text) => {
    const auth = createAuth({ grant: basic(), credentials: fixed<Credential>(password(user, text)) });
    const error = await rejection(auth.getToken());
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "secret-format", provider: "env ACME" });
  });

  test("not quoted", async () => {
    const { value, check } = canary("header");
    for (const [grant, credential] of [
      [bearer(), token(`${value}\n`)],
      [apiKey(), key(`${value}\n`)],
      [basic(), password(value, `${value}\n`)],
      [basic(), password(`${value}:`, value)],
    ] as const)
      check(await rejection(createAuth({ grant, credentials: fixed<Credential>(credential) }).headers()));
  });
});

test("a header name that is none is a TypeError that quotes nothing", () => {
  const { value, check } = canary("header");
  for (const header of ["", "a b", "a:b", "a\r\nb", "é", `${value} `]) {
    const error = thrownBy(() => apiKey({ header }));
    expect(error).toBeInstanceOf(TypeError);
    check(error);
  }
});

test("a credential of another type is INVALID/credential-type", async () => {
  for (const [grant, credential] of [
    [bearer(), key("k")],
    [apiKey(), token("t")],
    [basic(), token("t")],
  ] as const)
    expect(await failure(createAuth({ grant, credentials: fixed<Credential>(credential) }).getToken())).toBe(
      "INVALID/credential-type",
    );
});

test("nothing is locked and nothing is stored", async () => {
  const clock = fakeClock();
  const store = testStore(clock);
  for (const [grant, credential] of [
    [bearer(), token("t")],
    [apiKey(), key("k")],
    [basic(), password("u", "p")],
  ] as const) {
    const auth = createAuth({ grant, credentials: fixed<Credential>(credential), store, clock });
    await auth.getToken();
    await auth.getToken({ forceRefresh: true });
    await auth.status();
    await auth.logout();
  }
  expect(store.log).toEqual([]);
});

test("after a 401 the source is read past its cache", async () => {
  const credentials = source(token("old"));
  const auth = createAuth({ grant: bearer(), credentials });
  const first = await auth.getToken();
  credentials.value = token("new");
  expect(await auth.getToken()).toBe(first);
  auth.reject(first);
  expect((await auth.getToken()).reveal()).toBe("new");
  expect(credentials.reads).toEqual(["plain", "forced"]);
});

test("a credential's own expiry is the token's", async () => {
  const clock = fakeClock();
  const expiresAt = new Date(clock.now() + 3_600_000);
  const credentials = source({ ...token("t"), expiresAt });
  const auth = createAuth({ grant: bearer(), credentials, clock });
  expect((await auth.getToken()).expiresAt).toEqual(expiresAt);
  credentials.value = { ...token("t2"), expiresAt: new Date(clock.now() + 7_200_000) };
  await clock.advance(3_600_000);
  expect((await auth.getToken()).reveal()).toBe("t2");
});

test("a credential that has expired already is INVALID/expired-on-arrival", async () => {
  const clock = fakeClock();
  const credentials = source({ ...token("t"), expiresAt: new Date(clock.now()) });
  expect(await failure(createAuth({ grant: bearer(), credentials, clock }).getToken())).toBe(
    "INVALID/expired-on-arrival",
  );
});

test("SEC-8 SEC-55 whose it is, without the secret: two secrets never count as one identity", async () => {
  const { value, check } = canary("identity");
  for (const [grant, make] of [
    [bearer() as Grant, token],
    [apiKey() as Grant, key],
  ] as const) {
    const [one, two] = [await grant.partition(make(value)), await grant.partition(make(`${value}2`))];
    expect(one).not.toBe(two);
    expect(await grant.partition(make(value))).toBe(one);
    check(one, two);
  }
  expect(await basic().partition(password("alice", value) as never)).not.toBe(
    await basic().partition(password("bob", value) as never),
  );
  check(await basic().partition(password("alice", value) as never));
});

const broken: Credential = { type: "access-token", token: new Secret("line\nbreak") };

test.each([
  ["a custom provider", { name: "vault billing", get: async () => broken }],
  ["fixed", fixed(broken, "fixed billing")],
])("SEC-10 a secret that cannot be sent names %s", async (_, credentials) => {
  const thrown = await rejection(createAuth({ grant: bearer(), credentials }).getToken());
  expect(short(thrown)).toBe("INVALID/secret-format");
  expect(thrown).toMatchObject({ provider: credentials.name });
  expect((thrown as Error).message).toContain(credentials.name);
});
