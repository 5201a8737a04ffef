import { canary, fakeClock, testProvider } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { type FromCommandOptions, fromCommand } from "../src/index.ts";
import { failing, secretOf, world } from "./world.ts";

const { plan } = world();
const command = plan({});

testProvider({
  describe,
  test,
  name: "fromCommand with a bare secret",
  create: () => fromCommand({ command, bare: "password", username: "alice", exitCodes: { 44: "not-found" } }),
  arrange: {
    present: (secret) => plan({ stdout: `${secret}\n` }),
    absent: () => plan({ exitCode: 44 }),
    malformed: (secret) => plan({ stdout: `a warning\n${secret}\n` }),
  },
  remembersMisses: true,
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
  skip: {
    denied: "shown with JSON",
    unreachable: "shown with JSON",
    slow: "shown with JSON",
    halfConfigured: "the other half is an option",
  },
  hangMs: 30_000,
});

type Case = [
  what: string,
  stdout: string,
  options: Partial<FromCommandOptions>,
  type: string,
  secret: string,
];

test.each<Case>([
  ["a token", "t0ken\n", {}, "access-token", "t0ken"],
  ["a token, after CRLF", "t0ken\r\n", {}, "access-token", "t0ken"],
  ["a token, without a line break", "t0ken", {}, "access-token", "t0ken"],
  ["an API key", "k3y\n", { bare: "apiKey" }, "api-key", "k3y"],
  ["a refresh token", "r\n", { bare: "refreshToken" }, "refresh-token", "r"],
  ["a client secret", "s \n", { bare: "clientSecret", clientId: "app" }, "client-secret", "s "],
  ["a password like JSON", "{}\n", { bare: "password", username: "alice" }, "password", "{}"],
  ["JSON", '{\n "client_id": "app",\n "client_secret": "s"\n}\n', {}, "client-secret", "s"],
  ["a part of JSON", '{"a":{"token":"t"}}', { field: "/a" }, "access-token", "t"],
  ["a text in JSON", '{"key":"k"}', { field: "key", bare: "apiKey" }, "api-key", "k"],
  ["names of its own", '{"accessToken":"x","tok":"t"}', { fields: { token: "tok" } }, "access-token", "t"],
])("%s", async (_what, stdout, options, type, secret) => {
  const provider = fromCommand({ command: plan({ stdout }), ...options });
  expect((await provider.get()).type).toBe(type);
  expect(await secretOf(provider)).toBe(secret);
});

describe("when a token ends, under the names of those who print it", () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const expiry = async (stdout: object, options: Partial<FromCommandOptions> = {}): Promise<unknown> => {
    const command = plan({ stdout: JSON.stringify(stdout) });
    return (await fromCommand({ command, clock: fakeClock({ now }), ...options }).get()).expiresAt;
  };

  test.each<[whose: string, stdout: object, options: Partial<FromCommandOptions>]>([
    ["az", { accessToken: "t", expiresOn: "2026-01-01 00:00:00.000000", expires_on: now / 1_000 }, {}],
    [
      "gcloud",
      { credential: { access_token: "t", token_expiry: "2026-01-02T03:04:05Z" } },
      { field: "credential" },
    ],
    [
      "a lifetime in seconds",
      { access_token: "t", expires_in: 3_600 },
      { clock: fakeClock({ now: now - 3_600_000 }) },
    ],
  ])("%s", async (_whose, stdout, options) => {
    expect(await expiry(stdout, options)).toEqual(new Date(now));
  });

  test("an older az prints a local time: that of this machine", async () => {
    const local = new Date(2026, 5, 7, 8, 9, 10, 123);
    expect(await expiry({ accessToken: "t", expiresOn: "2026-06-07 08:09:10.123456" })).toEqual(local);
  });

  test("what is no time is refused, and a mistake in JSON keeps its place", async () => {
    const command = plan({ stdout: JSON.stringify({ accessToken: "t", expiresOn: "soon" }) });
    expect(await failing(fromCommand({ command }).get())).toBe("ERR_AUTH_INVALID/payload-malformed");
    const broken = fromCommand({ command: plan({ stdout: '{\n  "token": "t",\n}\n' }) });
    await expect(broken.get()).rejects.toThrow("the payload is not strict JSON, at line 3, column 1");
  });
});

test.each<[what: string, stdout: string, options: Partial<FromCommandOptions>, failure: string]>([
  ["two lines", "a\nb\n", {}, "INVALID/secret-format"],
  ["two line breaks", "t0ken\n\n", {}, "INVALID/secret-format"],
  ["a NUL", "t0\0ken\n", {}, "INVALID/secret-format"],
  ["nothing", "", {}, "INVALID/payload-malformed"],
  ["an empty line", "\n", {}, "INVALID/payload-malformed"],
  ["no password", "\n", { bare: "password", username: "alice" }, "INVALID/payload-malformed"],
  ["no such field", "{}", { field: "token" }, "NOT_FOUND/no-field"],
  ["text where a field is asked for", "t0ken\n", { field: "token" }, "INVALID/payload-malformed"],
  ["a list", "[]", {}, "INVALID/payload-malformed"],
])("SEC-10 %s: %s is refused", async (_what, stdout, options, failure) => {
  expect(await failing(fromCommand({ command: plan({ stdout }), ...options }).get())).toBe(
    `ERR_AUTH_${failure}`,
  );
});

test.each<Partial<FromCommandOptions>>([{}, { bare: "password", username: "alice" }, { field: "token" }])(
  "printing nothing is called by its name (%o)",
  async (options) => {
    await expect(
      fromCommand({ command: plan({ stdout: "\n" }), name: "acme", ...options }).get(),
    ).rejects.toThrow("exec acme: printed nothing. Run it in a terminal to see why");
  },
);

test("what is not UTF-8 is refused, unquoted", async () => {
  const secret = canary("utf-16");
  const command = [
    process.execPath,
    "-e",
    `process.stdout.write(Buffer.from("\\ufeff${secret.value}", "utf16le"))`,
  ];
  const error = await fromCommand({ command })
    .get()
    .catch((error: unknown) => error);
  expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "not-utf8" });
  secret.check(error);
});
