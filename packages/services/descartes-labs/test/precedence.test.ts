import { describe, expect, test } from "vitest";
import { cid, sec } from "./support/iam-server.ts";
import { cachePath, failure, info, infoPath, pair, sha1, shared, world } from "./support/world.ts";

test("descarteslabs 16 the client id: parameter, DESCARTESLABS_CLIENT_ID, and CLIENT_ID only if that is allowed", async () => {
  const { open, server, env } = await world();
  const allowGenericVariables = true;
  const asked = async (options: object): Promise<unknown> => {
    await open({ allowGenericVariables, clientSecret: sec, tokenInfoPath: null, ...options }).getToken();
    return server.received.at(-1)?.body;
  };
  Object.assign(env, { DESCARTESLABS_CLIENT_ID: "E1", CLIENT_ID: "E2" });
  expect(await asked({})).toMatchObject({ client_id: "E1" });
  expect(await asked({ clientId: "P" })).toMatchObject({ client_id: "P" });
  env["DESCARTESLABS_CLIENT_ID"] = " ";
  expect(await asked({})).toMatchObject({ client_id: "E2" });
  const before = server.received.length;
  expect(await failure(asked({ allowGenericVariables: false }))).toBe("INVALID/half-credential");
  expect(server.received).toHaveLength(before);
});

test("CLIENT_ID and CLIENT_SECRET of another program are not sent", async () => {
  const { open, put, server, env } = await world();
  Object.assign(env, { CLIENT_ID: "theirs", CLIENT_SECRET: "their secret" });
  expect(await failure(open().getToken())).toBe("NOT_FOUND/no-credential");
  put(infoPath, info);
  await open().getToken();
  expect(server.received.map(({ body }) => body)).toMatchObject([{ client_id: cid, refresh_token: sec }]);
});

test("descarteslabs 17 a refresh token of the environment beats a secret of the parameters, with a warning", async () => {
  const { open, server, env, warnings, list } = await world();
  env["DESCARTESLABS_REFRESH_TOKEN"] = sec;
  await open({ clientId: cid, clientSecret: "P" }).getToken();
  expect(server.received[0]?.body).toMatchObject({ refresh_token: sec });
  expect(warnings.map(({ reason }) => reason)).toEqual(["token-mismatch"]);
  expect(shared(list(".descarteslabs"))).toEqual([`jwt_token_${sha1(sec)}.json`]);
});

test("descarteslabs 18 one that is equal brings no warning", async () => {
  const { open, env, warnings } = await world();
  Object.assign(env, { DESCARTESLABS_REFRESH_TOKEN: sec, CLIENT_SECRET: sec });
  await open({ clientId: cid }).getToken();
  expect(warnings).toEqual([]);
});

test.each([
  ["parameter", { clientSecret: sec }, {}],
  ["parameter", { refreshToken: sec }, { DESCARTESLABS_REFRESH_TOKEN: "no" }],
  ["parameter", { clientSecret: sec }, { DESCARTESLABS_CLIENT_SECRET: "no", CLIENT_SECRET: "no" }],
  ["environment", {}, { DESCARTESLABS_CLIENT_SECRET: sec, CLIENT_SECRET: "no" }],
  ["older environment", { allowGenericVariables: true }, { CLIENT_SECRET: sec }],
  ["environment", {}, { DESCARTESLABS_REFRESH_TOKEN: sec }],
])("the secret of the %s: %j %j", async (_, options, env) => {
  const { open, asked, warnings } = await world();
  await open({ clientId: cid, env, ...options }).getToken();
  expect(asked()).toBe(1);
  expect(warnings).toEqual([]);
});

test("descarteslabs 19 with nothing else, all comes from token_info.json", async () => {
  const { open, put, token, server, clock, warnings } = await world();
  put(infoPath, { ...info, jwt_token: token(3_600) });
  const auth = open();
  expect((await auth.getToken()).reveal()).toBe(token(3_600));
  expect(server.received).toEqual([]);
  await clock.advance(3_599_000);
  await auth.getToken();
  expect(server.received[0]?.body).toEqual({
    client_id: cid,
    grant_type: "refresh_token",
    refresh_token: sec,
  });
  expect(warnings).toEqual([]);
});

test("descarteslabs 23 DESCARTESLABS_TOKEN_INFO_PATH is for credentials in a file", async () => {
  const { open, put, read, token, env, home, list, asked } = await world();
  env["DESCARTESLABS_TOKEN_INFO_PATH"] = `${home}/x/t.json`;
  put("x/t.json", { ...info, jwt_token: token(3_600) });
  expect((await open().getToken()).reveal()).toBe(token(3_600));
  Object.assign(env, { DESCARTESLABS_CLIENT_ID: cid, DESCARTESLABS_CLIENT_SECRET: sec });
  const bought = (await open().getToken()).reveal();
  expect(asked()).toBe(1);
  expect(read(cachePath)).toEqual({ jwt_token: bought });
  expect(read("x/t.json")).toEqual({ ...info, jwt_token: token(3_600) });
  expect(list("x")).toEqual(["t.json"]);
});

describe("descarteslabs 24 a path and credentials", () => {
  test("that are the file's: its token is used", async () => {
    const { open, put, token, home, asked } = await world();
    const tokenInfoPath = put("t.json", { ...info, jwt_token: token(3_600) });
    expect((await open({ ...pair, tokenInfoPath }).getToken()).reveal()).toBe(token(3_600));
    expect(asked()).toBe(0);
    expect(tokenInfoPath.startsWith(home)).toBe(true);
  });

  test("that are others: its token is not used, and the file is theirs once they proved good", async () => {
    const { open, put, read, token, server, clock } = await world();
    const other = {
      client_id: cid,
      client_secret: "x",
      refresh_token: "x",
      jwt_token: token(3_600),
      name: "N",
    };
    const tokenInfoPath = put("t.json", other);
    server.replies.push({ status: 401, body: "" });
    const auth = open({ ...pair, tokenInfoPath });
    expect(await failure(auth.getToken())).toBe("GRANT/credential-rejected");
    expect(read("t.json")).toEqual(other);
    await clock.advance(8_000); // the pause after a failure
    const bought = (await auth.getToken()).reveal();
    expect(bought).not.toBe(other.jwt_token);
    expect(read("t.json")).toEqual({ ...info, jwt_token: bought });
  });

  test("a logout leaves the file of others alone", async () => {
    const { open, put, read } = await world();
    const other = { client_id: "o", client_secret: "x" };
    const tokenInfoPath = put("t.json", other);
    await open({ ...pair, tokenInfoPath }).logout();
    expect(read("t.json")).toEqual(other);
  });
});

test("descarteslabs 25 no path at all: no file is touched; and without credentials there is a warning", async () => {
  const { open, put, list, read, warnings } = await world();
  put(infoPath, info);
  await open({ ...pair, tokenInfoPath: null }).getToken();
  expect(list(".descarteslabs")).toEqual(["token_info.json"]);
  expect(read(infoPath)).toEqual(info);
  expect(warnings).toEqual([]);
  const auth = open({ tokenInfoPath: null });
  expect(warnings.map(({ reason }) => reason)).toEqual(["no-credentials"]);
  expect(await failure(auth.getToken())).toBe("NOT_FOUND/no-credential");
});

test("descarteslabs 26 with DESCARTESLABS_TOKEN the file is not read", async () => {
  const { open, put, token, env } = await world();
  put(infoPath, { ...info, jwt_token: token(3_600) });
  env["DESCARTESLABS_TOKEN"] = token(1_800);
  const auth = open();
  expect((await auth.getToken()).reveal()).toBe(token(1_800));
  expect(await failure(auth.getToken({ forceRefresh: true }))).toBe("NOT_FOUND/no-credential");
});

test("descarteslabs 27 DESCARTESLABS_NO_JWT_CACHE: the file's credentials, and not its token", async () => {
  const { open, put, read, token, env, asked } = await world();
  env["DESCARTESLABS_NO_JWT_CACHE"] = "TRUE";
  put(infoPath, { ...info, jwt_token: token(3_600) });
  put(cachePath, { jwt_token: token(3_600) });
  const auth = open();
  const bought = (await auth.getToken()).reveal();
  expect(bought).not.toBe(token(3_600));
  expect((await auth.getToken()).reveal()).toBe(bought);
  expect((await open(pair).getToken()).reveal()).not.toBe(token(3_600));
  expect(asked()).toBe(2);
  expect(read(infoPath)).toEqual({ ...info, jwt_token: bought });
});

describe("what is missing is said", () => {
  test("no file", async () => {
    const { open, home } = await world();
    expect(await failure(open().getToken())).toBe("NOT_FOUND/no-credential");
    const error: unknown = await open({ tokenInfoPath: `${home}/t.json` })
      .getToken()
      .catch((thrown) => thrown);
    expect(String(error)).toContain(`${home}/t.json`);
  });

  test.each([
    [{ client_id: cid }, "INVALID/half-credential"],
    [{ client_secret: sec }, "INVALID/half-credential"],
    [{ name: "N" }, "NOT_FOUND/no-credential"],
    [[], "INVALID/store-corrupted"],
    ["null", "INVALID/store-corrupted"],
    ["{", "INVALID/store-corrupted"],
  ])("SEC-76 the file holds %j: %s", async (content, expected) => {
    const { open, put, read, asked } = await world();
    put(infoPath, content);
    expect(await failure(open().getToken())).toBe(expected);
    expect(asked()).toBe(0);
    if (typeof content === "object") expect(read(infoPath)).toEqual(content);
  });

  test("half of the parameters", async () => {
    const { open, warnings } = await world();
    expect(await failure(open({ clientId: cid }).getToken())).toBe("INVALID/half-credential");
    expect(await failure(open({ clientSecret: sec }).getToken())).toBe("INVALID/half-credential");
    expect(warnings.map(({ reason }) => reason)).toEqual(["no-credentials", "no-credentials"]);
  });

  test("two secrets in the file that differ", async () => {
    const { open, put, warnings, server, clock } = await world();
    put(infoPath, { client_id: cid, client_secret: "x", refresh_token: sec });
    server.replies.push({ status: 401, body: "" }); // then the file is read once more
    const auth = open();
    await failure(auth.getToken());
    await clock.advance(8_000); // the pause after a failure
    await auth.getToken();
    expect(server.received[0]?.body).toMatchObject({ refresh_token: sec });
    expect(warnings.map(({ reason }) => reason)).toEqual(["token-mismatch"]);
  });
});
