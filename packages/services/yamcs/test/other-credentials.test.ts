import { apiKey, basic, bearer, createAuth, fixed, Secret } from "@auth/core";
import { fromEnv } from "@auth/env";
import { describe, expect, test } from "vitest";
import {
  anonymous,
  authInfo,
  fromEnvironment,
  kerberos,
  serviceAccount,
  userAccount,
  whoAmI,
} from "../src/index.ts";
import { clientSecret, credential, failure, forms, shown, world } from "./support/world.ts";

const bearerToken = (token: string) => fixed({ type: "access-token", token: new Secret(token) } as const);
const key = (value: string) => fixed({ type: "api-key", key: new Secret(value) } as const);

test("yamcs 12 an access token alone is used as it is; a 401 is final", async () => {
  const { auth, api, server } = await world();
  const one = auth({ grant: bearer(), credentials: bearerToken("issued-elsewhere") });
  expect((await api(one)).status).toBe(401);
  expect(server.log()).toEqual(["GET /api/user"]);
  expect(shown(server)).toEqual(["Bearer issued-elsewhere"]);
});

test("yamcs 23 a service account that says nobody to become is a mistake, and nothing is sent", async () => {
  const { server } = await world();
  expect(() => serviceAccount({ url: server.url } as never)).toThrow(/become/);
  expect(() => serviceAccount({ url: server.url, become: " " })).toThrow(TypeError);
  expect(server.received).toEqual([]);
});

test("yamcs 24 whom to become, without client id or secret, is a mistake, and nothing is sent", async () => {
  const { asService, server } = await world();
  const outcome = (id: string, secret: string): Promise<string> =>
    failure(asService({ credentials: clientSecret(id, secret) }).getToken());
  expect(await outcome("", "secret")).toBe("INVALID/half-credential");
  expect(await outcome("id", "")).toBe("INVALID/half-credential");
  const half = fromEnv({ prefix: "YAMCS", env: { YAMCS_CLIENT_ID: "id" } });
  expect(await failure(asService({ credentials: half }).getToken())).toBe("INVALID/half-credential");
  expect(() => asService({ credentials: undefined })).toThrow(TypeError);
  expect(server.received).toEqual([]);
});

test("another client than the configured one is refused", async () => {
  const { asService, server } = await world();
  const grant = serviceAccount({ url: server.url, become: "operator", clientId: "another" });
  expect(await failure(asService({ grant }).getToken())).toBe("INVALID/account-mismatch");
  expect(server.received).toEqual([]);
});

test("yamcs 26 Basic is the Base64 of UTF-8, on every call, and costs no token request", async () => {
  const { auth, api, server } = await world();
  server.users.set("us", "pä:ß€");
  const one = auth({ grant: basic(), credentials: credential("us", "pä:ß€") });
  for (let i = 0; i < 2; i++) expect((await api(one)).status).toBe(200);
  const expected = `Basic ${Buffer.from("us:pä:ß€", "utf8").toString("base64")}`;
  expect(shown(server)).toEqual([expected, expected]);
  expect(forms(server)).toEqual([]);
});

test("yamcs 27 an API key goes into x-api-key, with no Authorization and no token request", async () => {
  const { auth, api, server } = await world();
  server.apiKeys.add("key-of-a-script");
  const one = auth({ grant: apiKey(), credentials: key("key-of-a-script") });
  expect((await api(one)).status).toBe(200);
  expect(server.log()).toEqual(["GET /api/user"]);
  expect(server.received[0]?.headers).toMatchObject({ "x-api-key": "key-of-a-script" });
  expect(shown(server)).toEqual([undefined]);
});

describe("yamcs 28 SEC-25 a redirect to another origin takes no credential along:", () => {
  test.each([
    ["Bearer", bearer(), bearerToken("b")],
    ["Basic", basic(), credential("admin", "admin")],
    ["API key", apiKey(), key("k")],
  ])("%s", async (_, grant, credentials) => {
    const { auth, api, server } = await world();
    const elsewhere = await world();
    const location = `${elsewhere.server.url}/api/user`;
    server.answers.set("/api/user", { status: 302, headers: { location } });
    await api(auth({ grant, credentials }));
    expect(elsewhere.server.received).toHaveLength(1);
    expect(elsewhere.server.received[0]?.headers).not.toHaveProperty("authorization");
    expect(elsewhere.server.received[0]?.headers).not.toHaveProperty("x-api-key");
  });
});

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

test("SEC-20 SEC-21 an address that is none, is not safe or holds a password is refused, unquoted", () => {
  const mistakes = [
    "",
    "h:1",
    "http://h:1",
    "https://admin:hunter2@h",
    "https://h/#x",
    "https://h?x",
    "ftp://h",
  ];
  for (const url of mistakes) {
    expect(() => userAccount({ url })).toThrow(TypeError);
    expect(() => userAccount({ url })).not.toThrow(/hunter2/);
  }
  expect(() => userAccount({ url: "https://h", userAgent: "a\nb" })).toThrow(/userAgent/);
  expect(() => kerberos({ url: "https://h" } as never)).toThrow(/negotiate/);
});

test("yamcs 39 a Kerberos ticket buys a code, and the code a token; at its end, all again", async () => {
  const { auth, api, clock, server } = await world();
  server.tickets.set("YII=", "operator");
  server.code = 'a+b%c&d=e"\\ü';
  const services: string[] = [];
  const negotiate = async (service: string): Promise<string> => {
    services.push(service);
    return "YII=";
  };
  const one = auth({
    grant: kerberos({ url: server.url, negotiate, username: "operator" }),
    credentials: undefined,
  });
  expect(await (await api(one)).text()).toContain('"operator"');
  expect(forms(server)).toEqual([{ grant_type: "authorization_code", code: server.code }]);
  await clock.advance(501_000);
  await one.getToken();
  expect(server.log()).toEqual([
    "GET /auth/spnego",
    "POST /auth/token",
    "GET /api/user",
    "GET /auth/spnego",
    "POST /auth/token",
  ]);
  expect(services).toEqual(["HTTP@127.0.0.1", "HTTP@127.0.0.1"]);
});

test("yamcs 39 a ticket that the server does not take is refused, and shown nowhere", async () => {
  const { auth, server } = await world();
  const grant = kerberos({ url: server.url, negotiate: async () => "dGlja2V0" });
  const error: unknown = await auth({ grant, credentials: undefined, name: "me" })
    .getToken()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "credential-rejected", status: 401 });
  expect((error as Error).stack).not.toContain("dGlja2V0");
  expect(server.log()).toEqual(["GET /auth/spnego"]);
});

test("a Kerberos code is limited and checked like any other answer", async () => {
  const { auth, server } = await world();
  const grant = kerberos({ url: server.url, negotiate: async () => "YII=", maxResponseBytes: 1_000 });
  const one = auth({ grant, credentials: undefined, name: "me" });
  server.answers.set("/auth/spnego", { body: "x".repeat(2_000) });
  expect(await failure(one.getToken())).toBe("INVALID/response-too-large");
  server.answers.set("/auth/spnego", { body: "a\nb" });
  expect(await failure(one.getToken())).toBe("INVALID/secret-format");
  expect(forms(server)).toEqual([]);
});

test("whose Kerberos ticket it is has to be said, or the login named", async () => {
  const { auth, server } = await world();
  const grant = kerberos({ url: server.url, negotiate: async () => "YII=" });
  expect(await failure(auth({ grant, credentials: undefined }).getToken())).toBe("INVALID/no-identity");
});

test("who am I: a 401 is answered with a new token, once", async () => {
  const { auth, server } = await world();
  server.answers.set("/api/user", [{ status: 401, body: "Token expired" }]);
  expect((await whoAmI(auth(), server)).name).toBe("admin");
  expect(forms(server).map(({ grant_type }) => grant_type)).toEqual(["password", "refresh_token"]);
  server.answers.set("/api/user", { status: 401, body: "" });
  expect(await failure(whoAmI(auth(), server))).toBe("GRANT/refused");
  expect(await failure(whoAmI(auth({ grant: bearer(), credentials: bearerToken("b") }), server))).toBe(
    "GRANT/refused",
  );
});

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

test("a guest's requests go out as they are", async () => {
  const { auth, api, server } = await world();
  server.requireAuthentication = false;
  expect((await api(auth({ grant: anonymous(), credentials: undefined }))).status).toBe(200);
  expect(shown(server)).toEqual([undefined]);
});

test("SEC-55 logins of others, elsewhere and as others have places of their own", async () => {
  const url = "https://h";
  const places = [
    userAccount({ url, username: "anna" }),
    userAccount({ url, username: "otto" }),
    userAccount({ url: "https://h/ctx", username: "anna" }),
    serviceAccount({ url, clientId: "anna", become: "otto" }),
    serviceAccount({ url, clientId: "anna", become: "admin" }),
    serviceAccount({ url, clientId: "robot", become: "otto" }),
  ].map((grant) => grant.partition());
  expect(new Set(places).size).toBe(places.length);
  const negotiate = async (): Promise<string> => "";
  expect(kerberos({ url, negotiate, username: "anna" }).partition()).toBe(places[0]);
});
