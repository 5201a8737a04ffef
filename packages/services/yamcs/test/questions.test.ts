import { apiKey, basic, bearer, createAuth, type Provider, Secret } from "@auth/core";
import { describe, expect, test } from "vitest";
import { authInfo, fromEnvironment, whoAmI } from "../src/index.ts";
import { bearerToken, failure, forms, world } from "./support/world.ts";

test("yamcs 29 the environment says where the server is, and with which key; without a key we are the guest", async () => {
  const { server } = await world();
  server.apiKeys.add("from-the-server");
  const env = { YAMCS_URL: `${server.url}/`, YAMCS_API_KEY: "from-the-server" };
  const { url, ...options } = fromEnvironment({ env });
  expect(url).toBe(server.url);
  expect((await whoAmI(createAuth(options), { url })).name).toBe("admin");
  expect(server.received[0]?.headers).toMatchObject({ "x-api-key": "from-the-server" });

  server.requireAuthentication = false;
  const { url: _, ...guest } = fromEnvironment({ env: { ...env, YAMCS_API_KEY: " " } });
  expect((await whoAmI(createAuth(guest), { url })).name).toBe("guest");
  expect(server.received[1]?.headers).not.toHaveProperty("x-api-key");
  expect(server.received[1]?.headers).not.toHaveProperty("authorization");

  expect(() => fromEnvironment({ env: {} })).toThrow(/YAMCS_URL/);
  expect(await failure((async () => fromEnvironment({ env: { YAMCS_URL: "" } }))())).toBe(
    "NOT_FOUND/not-set",
  );
  expect(() => fromEnvironment({ env: { YAMCS_URL: "http://far.example" } })).toThrow(TypeError);
});

describe("yamcs 30 the address of", () => {
  test.each([
    ["h:1", {}, "http://h:1/auth"],
    ["http://h:1/", {}, "http://h:1/auth"],
    ["https://h:1/ctx/", {}, "https://h:1/ctx/auth"],
    ["h:1/ctx", { tls: true }, "https://h:1/ctx/auth"],
    ["http://h:1", { tls: true }, "http://h:1/auth"],
  ])("%s %o", async (url, options, expected) => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      asked.push(input as string);
      return Response.json({ requireAuthentication: true });
    };
    await authInfo({ url, ...options, fetch, allowInsecureOrigins: ["http://h:1"] });
    expect(asked).toEqual([expected]);
  });
});

test("who am I: a 401 is answered with a new token, once", async () => {
  const { auth, server } = await world();
  server.answers.set("/api/user", [{ status: 401, body: "Token expired" }]);
  expect((await whoAmI(auth(), server)).name).toBe("admin");
  expect(forms(server).map(({ grant_type }) => grant_type)).toEqual(["password", "refresh_token"]);
  server.answers.set("/api/user", { status: 401, body: "" });
  expect(await failure(whoAmI(auth(), server))).toBe("GRANT/credential-rejected");
  expect(await failure(whoAmI(auth({ grant: bearer(), credentials: bearerToken("b") }), server))).toBe(
    "GRANT/credential-rejected",
  );
});

test.each(["API key", "Basic password"])(
  "SEC-69 a wrong %s is recognised as one, and heals when its source has a new one",
  async (kind) => {
    const { auth, server } = await world();
    server.apiKeys.add("good");
    let secret = "old";
    const reads: (boolean | undefined)[] = [];
    const credentials: Provider = {
      name: "vault",
      async get({ forceRefresh } = {}) {
        reads.push(forceRefresh);
        return kind === "API key"
          ? { type: "api-key", key: new Secret(secret) }
          : { type: "password", username: "admin", password: new Secret(secret) };
      },
    };
    const open = () => auth({ grant: kind === "API key" ? apiKey() : basic(), credentials });
    const error: unknown = await whoAmI(open(), server).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "credential-rejected", status: 401 });
    expect(String(error)).not.toContain("old");
    const one = open();
    await one.getToken();
    secret = kind === "API key" ? "good" : "admin";
    reads.length = 0;
    expect((await whoAmI(one, server)).name).toBe("admin");
    expect(reads).toEqual([true]);
  },
);

test("who am I: the privileges, as the server lists them", async () => {
  const { auth, server } = await world();
  server.answers.set("/api/user", {
    body: {
      name: "operator",
      systemPrivileges: ["ControlAccess"],
      objectPrivileges: [{ type: "ReadParameter", objects: ["/a/b"] }],
    },
  });
  expect(await whoAmI(auth(), server)).toEqual({
    name: "operator",
    superuser: false,
    systemPrivileges: ["ControlAccess"],
    objectPrivileges: [{ type: "ReadParameter", objects: ["/a/b"] }],
  });
  server.answers.set("/api/user", { body: {} });
  expect(await failure(whoAmI(auth(), server))).toBe("INVALID/malformed-response");
});

test("a server that is no Yamcs is told", async () => {
  const { server } = await world();
  server.answers.set("/auth", { body: {} });
  expect(await failure(authInfo(server))).toBe("INVALID/malformed-response");
  server.answers.set("/auth", { body: "<html>" });
  expect(await failure(authInfo(server))).toBe("INVALID/malformed-response");
  server.answers.set("/auth", { status: 404, body: "" });
  expect(await failure(authInfo(server))).toBe("GRANT/refused");
});
