import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { type Credential, chain, fixed, type Provider, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fromFile } from "../src/index.ts";
import { toAuthError } from "../src/to-auth-error.ts";
import { untilAborted } from "../src/until-aborted.ts";
import { failing, secretOf, temporary } from "./temporary.ts";

const { at, put, remove } = temporary();
const user = { username: "alice", password: "correct horse" };

describe("JSON", () => {
  test.each([
    ["acme.json", JSON.stringify(user), {}],
    ["acme", ` \n${JSON.stringify(user)}\n`, {}],
    ["acme", `\uFEFF${JSON.stringify(user)}`, { format: "json" }],
    ["acme", JSON.stringify({ prod: user }), { field: "/prod" }],
    [
      "acme",
      JSON.stringify({ u: "alice", "p.w": "correct horse" }),
      { fields: { username: "u", password: "p.w" } },
    ],
  ] as const)("%s %j %j", async (name, text, options) => {
    const provider = fromFile({ path: put(name, text), ...options });
    expect(await provider.get()).toMatchObject({
      type: "password",
      username: "alice",
      source: provider.name,
    });
    expect(await secretOf(provider)).toBe("correct horse");
  });

  test("a string is what `bare` says", async () => {
    expect(await secretOf(fromFile({ path: put("a.json", '"tok\\n"'), bare: "apiKey" }))).toBe("tok\n");
    const field = fromFile({ path: put("b.json", '{"keys":["k"]}'), field: "/keys/0", bare: "apiKey" });
    expect(await field.get()).toMatchObject({ type: "api-key" });
  });

  test.each([
    "token",
    "7",
    "null",
    "[]",
    "",
    '{"token":"a","token":"b"}',
    '{"__proto__":{"token":"a"}}',
    '{"a":1}',
  ])("SEC-13 %j in a .json file is malformed", async (text) => {
    const error = await failing(fromFile({ path: put("acme.json", text) }));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "payload-malformed" });
  });

  test("an absent field is not found, half a credential is an error", async () => {
    const path = put("acme.json", '{"username":"alice"}');
    expect(await failing(fromFile({ path, field: "token" }))).toMatchObject({
      code: "ERR_AUTH_NOT_FOUND",
      reason: "no-field",
    });
    expect(await failing(fromFile({ path }))).toMatchObject({ reason: "half-credential" });
  });
});

describe("dotenv", () => {
  const text = "# acme\nexport CLIENT_ID=app\r\nCLIENT_SECRET='s#cret'\nOTHER=x\n";

  test.each([".env", ".env.local", "acme.env", "acme"])("%s", async (name) => {
    const provider = fromFile({ path: put(name, text), ...(name === "acme" && { format: "dotenv" }) });
    expect(await provider.get()).toMatchObject({ type: "client-secret", clientId: "app" });
  });

  test("declared names, or one variable", async () => {
    const path = put(
      ".env",
      'ACME_USER=alice\nACME_PASS=correct horse\nTOKEN=unused\nDB=\'{"token":"t"}\'\n',
    );
    const named = fromFile({ path, fields: { username: "ACME_USER", password: "ACME_PASS" } });
    expect(await secretOf(named)).toBe("correct horse");
    expect(await secretOf(fromFile({ path, field: "ACME_PASS", bare: "apiKey" }))).toBe("correct horse");
    expect(await secretOf(fromFile({ path, field: "/DB" }))).toBe("t");
    expect(await failing(fromFile({ path, field: "NONE" }))).toMatchObject({ reason: "no-field" });
  });

  test.each([
    ["CLIENT_ID=app", "half-credential", '"client_secret" is missing'],
    ["TOKEN=a\ntoken=b", "payload-malformed", 'both "TOKEN" and "token"'],
    ["OTHER=x", "payload-malformed", "holds none of"],
  ])("%j is an error", async (text, reason, message) => {
    const error = await failing(fromFile({ path: put(".env", text) }));
    expect(error).toMatchObject({ reason, message: expect.stringContaining(message) });
  });
});

describe("text", () => {
  test.each([
    ["t0ken", "t0ken", {}],
    ["t0ken\n", "t0ken", {}],
    ["t0ken\r\n", "t0ken", {}],
    ["t0ken\n\n", "t0ken\n", {}],
    ["t0ken\r", "t0ken\r", {}],
    [" t0ken \n", " t0ken ", {}],
    ["t0ken\n", "t0ken\n", { trim: "none" }],
    ["\uFEFFt0ken", "t0ken", {}],
    ["{not json}\n", "{not json}", { format: "text" }],
    ["dDBrZ\nW4K\n", "t0ken", { encoding: "base64" }],
    ["dDBrZW4K", "t0ken\n", { encoding: "base64", trim: "none" }],
  ] as const)("SEC-10 %j is %j %j", async (text, secret, options) => {
    expect(await secretOf(fromFile({ path: put("token", text), ...options }))).toBe(secret);
  });

  test.each([
    [{ bare: "apiKey" }, { type: "api-key" }],
    [{ bare: "refreshToken" }, { type: "refresh-token" }],
    [
      { bare: "password", username: "alice" },
      { type: "password", username: "alice", account: "alice" },
    ],
    [
      { bare: "clientSecret", clientId: "app" },
      { type: "client-secret", clientId: "app" },
    ],
    [
      { bare: "privateKey", clientId: "app", keyId: "k1" },
      { type: "private-key", clientId: "app", keyId: "k1" },
    ],
  ] as const)("%j", async (options, expected) => {
    const provider = fromFile({ path: put("secret", "s3cret\n"), ...options });
    expect(await provider.get()).toMatchObject(expected);
  });

  test("a JWK is a private key, and not a JSON credential", async () => {
    const jwk = '{"kty":"EC","kid":"1"}';
    const found = await fromFile({ path: put("key.json", jwk), bare: "privateKey", clientId: "app" }).get();
    expect(found.type === "private-key" && found.privateKey.reveal()).toBe(jwk);
  });

  test.each(["", "\n", " \t\n"])("%j is malformed, and not a credential", async (text) => {
    expect(await failing(fromFile({ path: put("token", text) }))).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "payload-malformed",
    });
  });

  test.each([
    ["not-utf8", Buffer.of(0x74, 0xff), {}],
    ["not-utf8", Buffer.from("\uFEFFtoken", "utf16le"), {}],
    ["payload-malformed", Buffer.from("not base64!"), { encoding: "base64" }],
    ["not-utf8", Buffer.from("/w=="), { encoding: "base64" }],
  ] as const)("%s: %o", async (reason, bytes, options) => {
    const error = await failing(fromFile({ path: put("token", bytes), ...options }));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason });
  });
});

describe("every read opens the file again", () => {
  test("a changed secret is found, with its own version", async () => {
    const path = at("token");
    const provider = fromFile({ path });
    expect(await failing(provider)).toMatchObject({ code: "ERR_AUTH_NOT_FOUND", reason: "no-file" });
    put("token", "first");
    expect(await secretOf(provider)).toBe("first");
    put("token", "second");
    expect(await secretOf(provider)).toBe("second");
    expect((await provider.get()).version).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    remove("token");
    expect(await failing(provider)).toMatchObject({ reason: "no-file" });
  });

  test("an absent file lets a chain go on, a broken one stops it", async () => {
    const next = fixed<Credential>({ type: "api-key", key: new Secret("another identity") });
    expect(await chain(fromFile({ path: at("none") }), next).get()).toMatchObject({ type: "api-key" });
    const broken = fromFile({ path: put("acme.json", "{") });
    expect(await failing(chain(broken, next))).toMatchObject({ code: "ERR_AUTH_INVALID" });
  });
});

test("symbolic links and file: URLs are followed", async () => {
  put("real", "t0ken");
  symlinkSync("real", at("link"));
  expect(await secretOf(fromFile({ path: pathToFileURL(at("link")) }))).toBe("t0ken");
});

test("SEC-123 a name with control characters is printed without them", () => {
  expect(fromFile({ path: "a\u001b[31m\u202eb" }).name).toBe("file a�[31m�b");
});

test("SEC-3 SEC-4 a broken payload is never quoted", async () => {
  const secret = canary();
  for (const text of [`{"password":"${secret.value}"`, `{"token":"${secret.value}","token":""}`]) {
    const error = await fromFile({ path: put("acme.json", text) })
      .get()
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    secret.check(error);
  }
});

test("abort before a read leaves the file alone", async () => {
  mkdirSync(at("x"));
  writeFileSync(at("x/token"), "t");
  const reason = new Error("left");
  const provider = fromFile({ path: at("x") });
  await expect(provider.get({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("SEC-28 an abort ends the wait for a file system that hangs", async () => {
  const leaving = new AbortController();
  const waiting = untilAborted(new Promise<never>(() => {}), leaving.signal);
  leaving.abort("left");
  await expect(waiting).rejects.toBe("left");
});

test("a disk that fails may be tried again, and is told from a file that is not there", () => {
  const failed = (code: string): unknown =>
    toAuthError(
      Object.assign(new Error("i/o error, /secret/path"), { code }),
      "/run/token",
      "file /run/token",
    );
  const read = "file /run/token: /run/token could not be read. Try again, or look at its disk.";
  expect(failed("EIO")).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "read-failed", message: read });
  expect(failed("ENOENT")).toMatchObject({ code: "ERR_AUTH_NOT_FOUND", reason: "no-file" });
});

test("a private key as a platform's form leaves it, on one line, comes whole", async () => {
  const pem = String.raw`-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n`;
  const key = async (provider: Provider): Promise<string> => {
    const found = await provider.get();
    return found.type === "private-key" ? found.privateKey.reveal() : found.type;
  };
  writeFileSync(at("key.pem"), pem, { mode: 0o600 });
  expect(await key(fromFile({ path: at("key.pem"), bare: "privateKey", clientId: "app" }))).toBe(pem);
  writeFileSync(at(".env"), `CLIENT_ID=app\nPRIVATE_KEY=${pem}\n`, { mode: 0o600 });
  expect(await key(fromFile({ path: at(".env") }))).toBe(pem);
  writeFileSync(at(".env"), `CLIENT_ID=app\nPRIVATE_KEY="${pem}"\n`, { mode: 0o600 });
  expect(await key(fromFile({ path: at(".env") }))).toBe(pem.replaceAll(String.raw`\n`, "\n"));
});

test("a JSON file of another kind: what was found, where, and what to do", async () => {
  const says = async (text: string): Promise<unknown> => {
    writeFileSync(at("other.json"), text, { mode: 0o600 });
    return ((await failing(fromFile({ path: at("other.json") }))) as Error).message;
  };
  const where = `file ${at("other.json")}`;
  const belongs = "as JSON, where an object or a string belongs. Mend it, or name the `field` that is meant.";
  expect(await says("[1]")).toBe(`${where}: holds a list ${belongs}`);
  expect(await says("5")).toBe(`${where}: holds a number ${belongs}`);
  expect(await says("null")).toBe(`${where}: holds null ${belongs}`);
  expect(await says('{\n  "token": "s3cret",\n}\n')).toBe(
    `${where}: is not strict JSON, at line 3, column 1. Mend it; its text is not shown.`,
  );
});

describe("wrong options are a TypeError at once", () => {
  test.each([
    { path: "" },
    { path: "a\0b" },
    {},
    { path: new URL("https://example.com/") },
    { path: "a", bare: "password" },
    { path: "a", bare: "password", username: " " },
    { path: "a", bare: "clientSecret", username: "alice" },
    { path: "a", bare: "privateKey", clientId: "app", format: "json" },
    { path: "a", username: "alice" },
    { path: "a", bare: "password", username: "alice", keyId: "k" },
    { path: "a", field: "x", fields: {} },
    { path: "a", field: "x", format: "text" },
    { path: "a", maxBytes: 0 },
    { path: "a", maxBytes: Number.NaN },
    { path: "a", format: "yaml" },
    { path: "a", bare: "secret" },
    { path: "a", encoding: "hex" },
    { path: "a", trim: "all" },
    undefined,
    null,
    "/run/secrets/acme",
    new URL("file:///run/secrets/acme"),
    { path: 5 },
    { path: new URL("file://server/share") },
    { path: "a", maxBytes: "5" },
    { path: "a", field: 5 },
    { path: "a", fields: "token" },
    { path: "a", bare: "password", username: 5 },
    { path: "a", strict: "yes" },
    { path: "a", owners: 1000 },
    { path: "a", onWarning: true },
  ])("%j", (options) => {
    expect(() => fromFile(options as never)).toThrow(TypeError);
    expect(() => fromFile(options as never)).toThrow(/^fromFile: /);
  });
});

test("a path below ~ is below the home directory, as with the reference", async () => {
  const home = dirname(put("acme.json", '{"token":"from home"}'));
  vi.stubEnv("HOME", home);
  vi.stubEnv("USERPROFILE", home);
  onTestFinished(() => void vi.unstubAllEnvs());
  const credential = await fromFile({ path: "~/acme.json" }).get();
  expect(credential.type === "access-token" && credential.token.reveal()).toBe("from home");
  vi.stubEnv("HOME", "");
  vi.stubEnv("USERPROFILE", "");
  await expect(fromFile({ path: "~/acme.json" }).get()).rejects.toMatchObject({ reason: "no-home" });
});
