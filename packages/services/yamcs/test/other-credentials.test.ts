import { apiKey, basic, bearer, fixed, Secret } from "@auth/core";
import { fromEnv } from "@auth/env";
import { describe, expect, test } from "vitest";
import { anonymous, kerberos, serviceAccount, userAccount } from "../src/index.ts";
import { bearerToken, clientSecret, credential, failure, forms, shown, world } from "./support/world.ts";

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
