import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AccessToken, createAuth, decodeRecord, encodeRecord, fixed, Secret } from "@auth/core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { credentialsFile, storedTokens, userAccount } from "../src/index.ts";
import { household, record } from "./support/household.ts";
import { credential, failure, forms, kinds, world } from "./support/world.ts";

const url = "https://yamcs.example";
const lifetimeMs = 500_000;
const config = `[core]\nurl = ${url}\n`;

describe("yamcs 37 a login of the command-line client is read with", () => {
  test.each([
    ["no fraction", { expiry: "2026-11-22T03:04:05Z" }, "2026-11-22T03:04:05.000Z"],
    ["3 digits", { expiry: "2026-11-22T03:04:05.678Z" }, "2026-11-22T03:04:05.678Z"],
    ["6 digits", { expiry: "2026-11-22T03:04:05.678901Z" }, "2026-11-22T03:04:05.678Z"],
    ["no expiry", {}, undefined],
    ["no refresh token", { refresh_token: null }, undefined],
  ])("%s", async (_, more, expected) => {
    const { path, put } = household();
    put("credentials", JSON.stringify({ access_token: "a", refresh_token: "r", ...more }, null, 2));
    put("config", config);
    const { tokens } = decodeRecord((await credentialsFile({ url, path }).read("any"))?.value ?? "");
    expect(tokens.accessToken.reveal()).toBe("a");
    expect(tokens.accessToken.expiresAt?.toISOString()).toBe(expected);
    expect(tokens.refreshToken?.reveal()).toBe("refresh_token" in more ? undefined : "r");
  });
});

test("yamcs 38 SEC-70 SEC-71 what is written are three keys, an expiry in UTC, for the owner's eyes, in one step", async () => {
  const { path } = household();
  const store = credentialsFile({ url, path });
  await store.write("any", record(), undefined);
  const text = readFileSync(path, "utf8");
  expect(text).toBe(
    '{\n  "access_token": "access",\n  "refresh_token": "refresh",\n  "expiry": "2026-11-22T03:04:05.678Z"\n}',
  );
  const before = lstatSync(path);
  expect(before.mode & 0o777).toBe(0o600);
  const { generation } = (await store.read("any")) ?? {};
  await store.write("any", record("another"), generation);
  expect(lstatSync(path).ino).not.toBe(before.ino);
  expect(readdirSync(join(path, "..")).filter((name) => name.includes("tmp"))).toEqual([]);
});

test("a login without refresh token and expiry is written as the client reads it", async () => {
  const { path } = household();
  const tokens = { accessToken: new AccessToken("a") };
  await credentialsFile({ url, path }).write("any", encodeRecord({ tokens }), undefined);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ access_token: "a", refresh_token: null });
});

test("SEC-76 what is no login is told, and stays as it is", async () => {
  const { path, put } = household();
  const store = credentialsFile({ url, path });
  for (const text of [
    "{",
    "[]",
    "{}",
    '{"access_token":"a"}',
    '{"access_token":"a","refresh_token":"r","expiry":"soon"}',
  ]) {
    put("credentials", text);
    expect(await failure(store.read("any"))).toBe("INVALID/store-corrupted");
    expect(readFileSync(path, "utf8")).toBe(text);
  }
});

test("SEC-73 a file that others can read, as the client makes it, is used with a warning, and ours alone after the next write", async () => {
  const { path, put } = household();
  put("config", config);
  writeFileSync(path, '{"access_token":"a","refresh_token":null}', { mode: 0o644 });
  const warnings: string[] = [];
  const store = credentialsFile({ url, path, onWarning: ({ reason }) => warnings.push(reason) });
  const { generation } = (await store.read("any")) ?? {};
  await store.write("any", record(), generation);
  expect(warnings).toEqual(["unsafe-permissions"]);
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
});

describe("SEC-116 the login of a server goes to that server: the client is set to", () => {
  test.each([
    ["[core]\nurl = https://yamcs.example\n", true],
    ["[core]\ninstance = simulator\nURL: https://YAMCS.example/ \n", true],
    ["[core]\nurl = https://other.example\n", false],
    ["[core]\nurl = http://yamcs.example\n", false],
    ["[core]\nurl = yamcs.example\n", false],
  ])("%j: %s", async (config, ours) => {
    const { path, put } = household();
    const login = '{"access_token":"a","refresh_token":"r"}';
    put("credentials", login);
    put("config", config);
    const store = credentialsFile({ url, path });
    const outcomes = [
      await failure(store.read("any")),
      await failure(store.prepare("any")),
      await failure(store.write("any", record(), "other")),
      await failure(store.delete("any", "other")),
    ];
    expect(outcomes).toEqual(Array(4).fill(ours ? "no failure" : "INVALID/another-server"));
    expect(readFileSync(path, "utf8")).toBe(login);
  });
});

describe.each(kinds)("%s:", (_, open) => {
  test("a login is written, renewed, used by the next process, and deleted at logout", async () => {
    const { path } = household();
    const { auth, api, clock, server } = await open();
    const store = () => credentialsFile({ url: server.url, path });
    await auth({ store: store() }).getToken();
    expect(JSON.parse(readFileSync(path, "utf8")).expiry).toBe(
      new Date(clock.now() + lifetimeMs).toISOString(),
    );
    await clock.advance(lifetimeMs + 1_000);

    // The next process knows no password.
    const grant = userAccount({ url: server.url, username: "admin" });
    const next = auth({ store: store(), grant, credentials: undefined });
    expect((await api(next)).status).toBe(200);
    expect(forms(server).map(({ grant_type }) => grant_type)).toEqual(["password", "refresh_token"]);
    const { refresh_token } = JSON.parse(readFileSync(path, "utf8"));
    expect(refresh_token).not.toBe(forms(server)[1]?.["refresh_token"]);
    expect((await next.logout()).complete).toBe(true);
    expect(() => lstatSync(path)).toThrow(/ENOENT/);
  });

  test("SEC-55 the login of another user is not used", async () => {
    const { path } = household();
    const { auth, server } = await open();
    const store = () => credentialsFile({ url: server.url, path });
    await auth({ store: store() }).getToken();
    const grant = userAccount({ url: server.url, username: "operator" });
    const other = auth({ store: store(), grant, credentials: undefined });
    expect(await failure(other.getToken())).toBe("INTERACTION_REQUIRED/issuer-changed");
    await auth({ store: store(), grant, credentials: credential("operator", "operator") }).getToken();
    expect(forms(server).map(({ username }) => username)).toEqual(["admin", "operator"]);
  });
});

test("tokens of an hour that were kept are renewed before their session ends", async () => {
  const { path } = household();
  const { auth, clock, server } = await world();
  server.lifetimeS = 3_600;
  const store = () => credentialsFile({ url: server.url, path });
  await auth({ store: store() }).getToken();
  await clock.advance(26 * 60_000);
  const { promise: renewed, resolve } = Promise.withResolvers<void>();
  const onEvent = ({ type }: { type: string }): void => void (type === "renewed" && resolve());
  await auth({ store: store(), credentials: undefined, name: "any", policy: {}, onEvent }).getToken();
  await clock.advance(60_000); // a program that may be about to end spends no refresh token behind its callers
  await renewed;
  expect(forms(server).map(({ grant_type }) => grant_type)).toEqual(["password", "refresh_token"]);
});

test("stored tokens given once go on in the file", async () => {
  const { path } = household();
  const { auth, clock, server } = await world();
  const first = auth();
  await first.getToken();
  server.answers.set("/auth/token", [
    { body: { access_token: "opaque", token_type: "bearer", expires_in: 500 } },
  ]);
  const refreshToken = new Secret("given");
  const options = {
    grant: storedTokens({ url: server.url, username: "admin" }),
    credentials: fixed({ type: "refresh-token", refreshToken } as const),
    store: credentialsFile({ url: server.url, path }),
  };
  expect((await auth(options).getToken()).reveal()).toBe("opaque");
  expect((await auth(options).getToken()).reveal()).toBe("opaque");
  expect(forms(server)).toHaveLength(2);
  expect(JSON.parse(readFileSync(path, "utf8")).expiry).toBe(
    new Date(clock.now() + lifetimeMs).toISOString(),
  );
});

test("an access token that was kept without a refresh token serves until it is refused", async () => {
  const { path, put } = household();
  put("credentials", '{"access_token":"a","refresh_token":null}');
  put("config", config);
  const store = credentialsFile({ url, path });
  const auth = createAuth({ grant: storedTokens({ url }), store, name: "any" });
  const token = await auth.getToken();
  expect(token.reveal()).toBe("a");
  auth.reject(token);
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/login-needed");
});

describe("SEC-55 a login goes to the server that it is of, and to no other", () => {
  const form = { access_token: "a", refresh_token: "r" };

  test("one that we wrote, for another server, even if nothing but the name is known", async () => {
    const { path } = household();
    const one = await world();
    const other = await world();
    const store = (url: string) => credentialsFile({ url, path });
    await one.auth({ store: store(one.server.url), name: "any" }).getToken();
    const before = readFileSync(path, "utf8");
    for (const username of ["admin", undefined]) {
      const grant = userAccount({ url: other.server.url, username });
      const auth = other.auth({ grant, store: store(other.server.url), credentials: undefined, name: "any" });
      expect(await failure(auth.getToken())).toBe("INVALID/another-server");
      const { complete } = await auth.logout();
      expect(complete).toBe(false);
    }
    const person = other.auth({ store: store(other.server.url), name: "any" });
    expect(await failure(person.login())).toBe("INVALID/another-server");
    expect(other.server.received).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe(before);
    const again = one.auth({ store: store(one.server.url), credentials: undefined, name: "any" });
    expect((await again.getToken()).type).toBe("Bearer");
  });

  test("one of the client that says nowhere of which server it is: left alone, and said so", async () => {
    const { path, put } = household();
    const { auth, server } = await world();
    put("credentials", JSON.stringify(form));
    put("config", `# url = ${server.url}\n[other]\nurl = ${server.url}\n`);
    const store = credentialsFile({ url: server.url, path });
    const one = auth({ store, credentials: undefined, name: "any" });
    const error = await one.getToken().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: "another-server" });
    expect(String(error).split(path)).toHaveLength(2);
    expect(String(error)).toContain("nobody knows which");
    await one.logout().catch(() => {});
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(form);
    put("config", `[core]\nurl = ${server.url}\n`);
    expect((await one.getToken()).reveal()).toBe("a");
    expect(server.received).toEqual([]);
  });

  test("one that the client has written since, over ours", async () => {
    const { path, put } = household();
    const { auth, server } = await world();
    const store = () => credentialsFile({ url: server.url, path });
    await auth({ store: store() }).getToken();
    put("credentials", JSON.stringify(form));
    const one = auth({ store: store(), credentials: undefined, name: "any" });
    expect(await failure(one.getToken())).toBe("INVALID/another-server");
  });

  test("what is noted holds no token, is ours alone, and goes with the login", async () => {
    const { path } = household();
    const { auth, server } = await world();
    const store = credentialsFile({ url: server.url, path });
    const one = auth({ store });
    const token = await one.getToken();
    const note = readFileSync(`${path}.whose`, "utf8");
    expect(lstatSync(`${path}.whose`).mode & 0o777).toBe(0o600);
    for (const secret of [token.reveal(), JSON.parse(readFileSync(path, "utf8")).refresh_token])
      expect(note).not.toContain(secret);
    await one.logout();
    expect(() => lstatSync(`${path}.whose`)).toThrow(/ENOENT/);
  });
});

test("SEC-53 a login that is gone from the client's file is a logout: what was in memory is not written back", async () => {
  const { path } = household();
  const { auth, clock, server } = await world();
  const store = credentialsFile({ url: server.url, path });
  const one = auth({ store, name: "any" });
  await one.getToken();
  rmSync(path);
  await clock.advance(lifetimeMs + 1_000);
  await one.getToken();
  expect(forms(server).map(({ grant_type }) => grant_type)).toEqual(["password", "password"]);
});

test.each(["", ".", "relative/home"])(
  "SEC-119 with HOME=%j there is no place, and nothing is said of it before one is needed",
  async (home) => {
    vi.stubEnv("HOME", home);
    onTestFinished(() => void vi.unstubAllEnvs());
    const store = credentialsFile({ url });
    const auth = createAuth({ grant: storedTokens({ url }), store, name: "any" });
    expect(await failure(auth.getToken())).toBe("UNAVAILABLE/no-home");
  },
);

test("callers without types are told what is missing", () => {
  for (const nonsense of [undefined, null, "acme", 7] as never[])
    for (const make of [credentialsFile, userAccount, storedTokens])
      expect(() => make(nonsense)).toThrow(/^yamcs: /);
  for (const make of [credentialsFile, userAccount, storedTokens])
    expect(() => make({} as never)).toThrow("yamcs: url is missing");
});
