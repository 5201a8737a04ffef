import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createAuth, fixed, Secret } from "@auth/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { applicationToken, deviceLogin, environments, yakurc } from "../src/index.ts";
import { yakurcFormat } from "../src/yakurc-format.ts";
import { failure, loggedIn, type World, world } from "./support/world.ts";

afterEach(() => vi.unstubAllEnvs());

const granted = {
  body: { access_token: "at", token_type: "Bearer", expires_in: 300, refresh_token: "rt" },
};

test("yaku 14 a login is in the file as the command line reads it, and selected", async () => {
  const at = await world();
  at.put([
    { name: "other", url: at.url, current: true },
    { name: "third", url: at.url },
  ]);
  at.idp.answers.set("/token", [granted]);
  const began = at.clock.now();
  const auth = at.person();
  const token = await at.drive(auth.login({ interaction: at.typing() }));
  const sent = began + 5_100; // the one poll
  expect(token.expiresAt).toEqual(new Date(sent + 300_000));
  expect((await auth.headers()).get("authorization")).toBe("Bearer at");
  expect(at.file()).toEqual([
    { name: "other", url: at.url, current: false },
    { name: "third", url: at.url, current: false },
    expect.objectContaining({
      name: "default",
      url: at.url,
      accessToken: "at",
      refreshToken: "rt",
      expiresAt: Math.floor(sent / 1_000) + 300,
      current: true,
    }),
  ]);
  expect(readFileSync(at.path, "utf8")).toBe(JSON.stringify(at.file(), null, 2));
});

test("a renewal selects nothing: the person may have chosen another environment meanwhile", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  at.put([
    ...at.file().map((each) => ({ ...each, current: false })),
    { name: "other", url: at.url, current: true },
  ]);
  await at.clock.advance(280_000);
  await at.drive(auth.getToken());
  expect(at.file().map(({ current }) => current)).toEqual([false, true]);
});

describe("yaku 15 SEC-70 SEC-73 the file is private", () => {
  test("from its first moment", async () => {
    const at = await world();
    await loggedIn(at);
    expect(at.mode()).toBe(0o600);
  });

  test("or from our first write on, where the command line left it open; before that with a warning", async () => {
    const at = await world();
    at.put([{ name: "other", url: at.url }]);
    chmodSync(at.path, 0o644);
    const warnings: unknown[] = [];
    const store = yakurc({ url: at.url, path: at.path, onWarning: (warning) => warnings.push(warning) });
    await at.drive(at.person({ store }).login({ interaction: at.typing() }));
    expect(at.mode()).toBe(0o600);
    expect(warnings).toMatchObject([{ reason: "unsafe-permissions", path: at.path }]);
  });
});

test("yaku 16 a login over an older one replaces address and tokens, and keeps the namespace that can still be seen", async () => {
  const at = await world();
  at.put([
    { name: "default", url: "https://old.example/api/v1", accessToken: "old", namespace: 7, current: true },
  ]);
  expect(await failure(at.person().getToken())).toBe("INTERACTION_REQUIRED/login-needed"); // not for this server
  const auth = await loggedIn(at);
  expect(at.file()).toEqual([expect.objectContaining({ name: "default", url: at.url, namespace: 7 })]);
  expect(at.file()[0]?.["accessToken"]).toBe((await auth.getToken()).reveal());
  const seen = (await (await at.api(auth)).json()) as { id: number }[];
  expect(seen.map(({ id }) => id)).toContain((await environments(at.path))[0]?.namespace);
});

describe("yaku 25 where the file is", () => {
  test("nowhere: no environments, and a login is needed", async () => {
    const at = await world();
    expect(await environments(at.path)).toEqual([]);
    expect(await failure(at.person().getToken())).toBe("INTERACTION_REQUIRED/login-needed");
  });

  test.each(["", ".", "relative/home"])(
    "SEC-119 with HOME=%j there is no place, and that is said",
    async (home) => {
      const at = await world();
      vi.stubEnv("HOME", home);
      const auth = at.person({ store: yakurc({ url: at.url }) });
      expect(await failure(auth.getToken())).toBe("UNAVAILABLE/no-home");
      await expect(async () => environments()).rejects.toMatchObject({ reason: "no-home" });
    },
  );

  test.each([
    [undefined, ".yakurc"],
    ["", ".yakurc"],
    ["x/y.json", "x/y.json"],
    ["/x/y.json", "x/y.json"],
  ])("RUNTIME_CONFIG=%s is $HOME/%s", async (variable, place) => {
    const at = await world();
    const home = join(at.path, "..");
    mkdirSync(join(home, "x"), { mode: 0o700 });
    vi.stubEnv("HOME", home);
    vi.stubEnv("RUNTIME_CONFIG", variable);
    const login = at.person({ store: yakurc({ url: at.url }) });
    await at.drive(login.login({ interaction: at.typing() }));
    expect(JSON.parse(readFileSync(join(home, place), "utf8"))).toMatchObject([{ name: "default" }]);
    expect(await environments()).toMatchObject([{ name: "default", current: true }]);
  });
});

test("yaku 26 a file of the earlier shape is read, and of today's shape after the next save", async () => {
  const at = await world();
  const { token } = at.yaku.issue();
  at.put({
    currentEnvironment: "default",
    environments: {
      default: { url: at.url, token, namespace: 7 },
      bare: { url: "https://b.example/api/v1" },
    },
  });
  expect((await at.person().getToken()).reveal()).toBe(token);
  expect(await environments(at.path)).toEqual([
    { name: "default", url: at.url, namespace: 7, current: true },
    { name: "bare", url: "https://b.example/api/v1", namespace: undefined, current: false },
  ]);
  await at.drive(at.person({ name: "new" }).login({ interaction: at.typing() }));
  expect(at.file()).toEqual([
    { url: at.url, namespace: 7, name: "default", current: false, accessToken: token },
    { url: "https://b.example/api/v1", name: "bare", current: false },
    expect.objectContaining({ name: "new", current: true }),
  ]);
});

test("yaku 27 SEC-77 fields that nobody here knows stay, in every entry", async () => {
  const at = await world();
  at.put([
    { name: "default", url: at.url, color: "red", nested: { a: [1] } },
    { name: "other", x: null },
    null,
  ]);
  const auth = await loggedIn(at);
  await at.clock.advance(280_000);
  await at.drive(auth.getToken());
  expect(at.file()).toMatchObject([
    { color: "red", nested: { a: [1] }, current: true },
    { name: "other", x: null },
    {},
  ]);
});

describe("yaku 28 SEC-76 what makes no sense is an error, and is not written over", () => {
  test.each<[string, string]>([
    ["no JSON", "{oh"],
    ["another shape", '{"a":1}'],
    ["a number", "7"],
    ["doubled keys", '[{"name":"default","name":"default"}]'],
  ])("%s", async (_, text) => {
    const at = await world();
    at.put(text);
    expect(await failure(at.person().getToken())).toBe("INVALID/store-corrupted");
    expect(await failure(environments(at.path))).toBe("INVALID/store-corrupted");
    expect(readFileSync(at.path, "utf8")).toBe(text);
  });

  test.each<[string, object]>([
    ["an end that is none", { accessToken: "a", expiresAt: "soon" }],
    ["a token that is none", { accessToken: { a: 1 } }],
    ["a refresh token that is none", { accessToken: "a", refreshToken: 7 }],
    ["a session that is none", { accessToken: "a", session: { scopes: 7 } }],
  ])("one entry with %s fails alone", async (_, fields) => {
    const at = await world();
    const good = await loggedIn(at);
    at.put([...at.file(), { name: "bad", url: at.url, ...fields }]);
    expect(await failure(at.person({ name: "bad" }).getToken())).toBe("INVALID/store-corrupted");
    expect((await at.person().getToken()).reveal()).toBe((await good.getToken()).reveal());
  });
});

describe("yaku 29 the address of the API", () => {
  test.each([
    "https://h",
    "https://h/",
    "https://h/api",
    "https://h/api/",
    "https://h/api/v1",
    "https://H:443/api/v1/",
  ])("%s", async (url) => {
    expect(await deviceLogin({ url }).partition()).toBe("yaku url=https%3A%2F%2Fh%2Fapi%2Fv1&subject=person");
  });

  test("a path before it stays", async () => {
    const { apiUrl } = await import("../src/index.ts");
    expect(apiUrl("https://h/yaku/")).toBe("https://h/yaku/api/v1");
    expect(apiUrl("nothing")).toBe("nothing");
  });
});

describe("an application token in the file", () => {
  const login = (at: World, token: string) =>
    createAuth({
      grant: applicationToken({ url: at.url }),
      credentials: fixed({ type: "access-token", token: new Secret(token) } as const),
      store: at.store(),
      name: "default",
      ...at.common,
    }).login();

  test("yaku 30 is tried, and then kept, with nothing to renew it by", async () => {
    const at = await world();
    await loggedIn(at);
    const { token } = at.yaku.issue();
    await at.drive(login(at, token));
    expect(at.yaku.log()).toEqual(["GET /api/v1/long-running-tokens"]);
    expect(at.yaku.received[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(at.file()).toEqual([{ name: "default", url: at.url, current: true, accessToken: token }]);
  });

  test("yaku 31 that is refused replaces nothing", async () => {
    const at = await world();
    await loggedIn(at);
    const before = JSON.stringify(at.file());
    const refused = "yakp_aa_0000000099_000000000000000000000000000000";
    expect(await at.drive(failure(login(at, refused)))).toBe("GRANT/credential-rejected");
    expect(at.yaku.received).toHaveLength(1);
    expect(JSON.stringify(at.file())).toBe(before);
  });

  test("yaku 32 is used as it is: no provider is asked, also after a 401, and there is no loop", async () => {
    const at = await world();
    const { id, token } = at.yaku.issue();
    at.put([
      {
        name: "default",
        url: at.url,
        accessToken: token,
        refreshToken: "left over",
        expiresAt: 1,
        current: true,
      },
    ]);
    const auth = at.person();
    expect((await at.api(auth)).status).toBe(200);
    expect(await auth.status()).toMatchObject({ next: "use" });
    at.yaku.answers.set("/api/v1/namespaces", [{ status: 401, body: { statusCode: 401 } }]);
    expect((await at.api(auth)).status).toBe(401);
    expect(at.yaku.log()).toEqual(["GET /api/v1/namespaces", "GET /api/v1/namespaces"]);
    expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/login-needed");
    expect(at.idp.received).toEqual([]);
    expect(id).toBe(1);
  });

  test("a logout forgets it, and does not end it for others", async () => {
    const at = await world();
    const { token } = at.yaku.issue();
    at.put([{ name: "default", url: at.url, accessToken: token, namespace: 7, current: true }]);
    expect(await at.person().logout()).toMatchObject({ complete: true });
    expect(at.file()).toEqual([{ name: "default", url: at.url, namespace: 7, current: true }]);
    expect(at.yaku.received).toEqual([]);
  });
});

test("SEC-55 without a name there is no environment to use, and with another server's none that is ours", async () => {
  const at = await world();
  const unnamed = createAuth({ grant: deviceLogin({ url: at.url }), store: at.store(), ...at.common });
  expect(await failure(unnamed.getToken())).toBe("INVALID/no-environment");
  at.put([{ name: "default", url: "https://elsewhere.example/api/v1", accessToken: "theirs" }]);
  expect(await failure(at.person().getToken())).toBe("INTERACTION_REQUIRED/login-needed");
  expect(await at.person().logout()).toMatchObject({ complete: true });
  expect(at.file()).toMatchObject([{ accessToken: "theirs" }]);
});

test("a file that nobody made is not made by a logout", async () => {
  const at = await world();
  await at.person().logout();
  expect(at.exists()).toBe(false);
});

test("nor is an environment, if the command line has removed it meanwhile", () => {
  const { format } = yakurcFormat("https://yaku.example/api/v1");
  expect(format("[]", "default", undefined)).toBe("[]");
  expect(format(undefined, "default", undefined)).toBeUndefined();
});

test("SEC-53 a logout of the command line is one here, too: nothing is written back, and no mark left", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  expect(at.store()).toHaveProperty("foreign", true);
  const bare = { name: "default", url: at.url, current: true };
  at.put([bare]);
  await at.clock.advance(301_000);
  expect(await at.drive(failure(auth.getToken()))).toBe("INTERACTION_REQUIRED/logged-out");
  expect(at.file()).toEqual([bare]);
  expect(at.idp.received).toEqual([]);
});
