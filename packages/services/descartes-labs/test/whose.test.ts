import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  descartesLabs,
  fromEnvironmentOrTokenJson,
  identityOf,
  logIn,
  type TokenJsonOptions,
} from "../src/index.ts";
import { sec } from "./support/iam-server.ts";
import { cachePath, failure, info, infoPath, pair, world } from "./support/world.ts";

describe("SEC-55 a kept token is used for what it was bought for, and for nothing else", () => {
  test.each([
    ["the same", {}, {}, 1],
    ["the same scopes in another order", { scope: ["a", "b"] }, { scope: ["b", "a", "b"] }, 1],
    ["another scope", { scope: ["a"] }, { scope: ["b"] }, 2],
    ["a scope, then none", { scope: ["a"] }, {}, 2],
    ["none, then a scope", {}, { scope: ["a"] }, 2],
    ["none, then an empty one", {}, { scope: [] }, 2],
  ] as [string, TokenJsonOptions, TokenJsonOptions, number][])("%s", async (_, first, second, requests) => {
    for (const file of [{}, { tokenInfoPath: "~/t.json" }]) {
      const { open, asked } = await world();
      await open({ ...pair, ...file, ...first }).getToken();
      await open({ ...pair, ...file, ...second }).getToken();
      expect(asked()).toBe(requests);
    }
  });

  test("another service", async () => {
    const one = await world();
    const staging = await world(); // its home directory from now on
    const bought = await one.open(pair).getToken();
    const theirs = await staging.open(pair).getToken();
    expect(theirs.reveal()).not.toBe(bought.reveal());
    expect([one.asked(), staging.asked()]).toEqual([1, 1]);
  });

  test.each([
    ["that names this service", {}, {}, 0],
    ["that names this service, where a scope is wanted", {}, { scope: ["a"] }, 1],
    ["of another service", { iss: "https://iam.staging.example" }, {}, 1],
    ["that says of no service", { iss: undefined }, {}, 1],
    ["whose service is no address", { iss: "iam" }, {}, 1],
  ])("one of the original %s", async (_, claims, options, requests) => {
    for (const [path, rest, more] of [
      [cachePath, {}, pair],
      [infoPath, info, {}],
    ] as const) {
      const { open, put, token, asked } = await world();
      put(path, { ...rest, jwt_token: token(3_600, claims) });
      await open({ ...more, ...options }).getToken();
      expect(asked()).toBe(requests);
      await open({ ...more, ...options }).getToken();
      expect(asked()).toBe(requests); // by now it is noted what it is for
    }
  });

  test("a scope that the file has got since", async () => {
    const { open, put, read, asked } = await world();
    put(infoPath, info);
    await open().getToken();
    await open().getToken();
    expect(asked()).toBe(1);
    put(infoPath, { ...(read(infoPath) as object), scope: ["a"] });
    const { jwt_token: before } = read(infoPath) as { jwt_token: string };
    expect((await open().getToken()).reveal()).not.toBe(before);
  });

  test("a note that was tampered with says nothing", async () => {
    const { open, put, asked } = await world();
    for (const [at, text] of ["{", "[]", "[1,null]", "{}", "\u0000"].entries()) {
      await open(pair).getToken();
      put(`${cachePath}.whose`, text);
      await open({ ...pair, scope: undefined }).getToken({ minTtlMs: 0 });
      expect(asked()).toBe(1);
      expect(at).toBeLessThan(5);
    }
  });

  test("SEC-6 what is noted holds neither token nor secret", async () => {
    const { open, home } = await world();
    const bought = await open(pair).getToken();
    const note = readFileSync(join(home, `${cachePath}.whose`), "utf8");
    expect(note).not.toContain(bought.reveal());
    expect(note).not.toContain(`"${sec}"`);
  });
});

test("SEC-53 a cache that is deleted is no loss: the next call buys a token, and writes it", async () => {
  const { open, put, read, asked, clock } = await world();
  const auth = open({ ...pair });
  await auth.getToken();
  put(cachePath, "{}");
  await clock.advance(86_000_000);
  const bought = await auth.getToken();
  expect(read(cachePath)).toEqual({ jwt_token: bought.reveal() });
  expect(asked()).toBe(2);
});

describe("the file that is named", () => {
  test("an empty path is none, as for the original", async () => {
    const { open, list } = await world();
    await open({ ...pair, tokenInfoPath: "" }).getToken();
    expect(list("")).toEqual([]);
  });

  test("~/ in DESCARTESLABS_TOKEN_INFO_PATH is the home directory", async () => {
    const { open, put, env, token } = await world();
    put("x/t.json", { ...info, jwt_token: token(3_600) });
    env["DESCARTESLABS_TOKEN_INFO_PATH"] = "~/x/t.json";
    expect((await open().getToken()).reveal()).toBe(token(3_600));
  });

  test("one with a secret and a token, and no client id: the token is used until it ends", async () => {
    const { open, put, token, asked } = await world();
    put(infoPath, { client_secret: sec, jwt_token: token(3_600) });
    expect((await open().getToken()).reveal()).toBe(token(3_600));
    expect(asked()).toBe(0);
  });
});

test.each(["", ".", "relative/home"])(
  "SEC-119 with HOME=%j there is no place, and nothing is said of it before one is needed",
  async (home) => {
    const { open } = await world();
    vi.stubEnv("HOME", home);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await failure(open().getToken())).toBe("UNAVAILABLE/no-home");
  },
);

test("callers without types are told what is missing", async () => {
  for (const nonsense of [null, "acme", 7] as never[]) {
    expect(() => descartesLabs(nonsense)).toThrow(/^descartesLabs: expected options/);
    expect(() => fromEnvironmentOrTokenJson(nonsense)).toThrow(
      /^fromEnvironmentOrTokenJson: expected options/,
    );
    expect(() => identityOf(nonsense)).toThrow(/^identityOf: expected a token/);
    await expect(logIn(nonsense)).rejects.toThrow(/^logIn: `ask` is missing/);
  }
});
