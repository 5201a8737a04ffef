import { AuthError } from "@auth/core";
import { canary, tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { exitCodeOf } from "../src/exit-code.ts";
import { sandbox } from "./sandbox.ts";

const unset = { issuer: "https://idp.example" };

test("SEC-124 0: done", async () => {
  const { run, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: "env:ACME_TOKEN" } });
  const token = canary("token");
  const ran = await run(["token", "acme"], { env: { ACME_TOKEN: token.value } });
  expect(ran).toEqual({ code: 0, stdout: `${token.value}\n`, stderr: "" });
});

test("SEC-124 1: the server says no; the secret is nowhere, also with --verbose and --json", async () => {
  await using server = await tokenServer();
  const { run, configure } = sandbox();
  const wrong = canary("wrong-secret");
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: server.issuer, clientId: server.client.id },
      credentials: "env:ACME_SECRET",
    },
  });
  const env = { ACME_SECRET: wrong.value };
  const ran = await run(["token", "acme", "--verbose"], { env });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toMatch(/^auth: .*\n\s+ERR_AUTH_GRANT, credential-rejected; exit code 1$/ms);
  const asJson = await run(["token", "acme", "--json"], { env });
  expect(asJson).toMatchObject({ code: 1, stdout: "" });
  expect(JSON.parse(asJson.stderr)).toEqual({
    error: { code: "ERR_AUTH_GRANT", reason: "credential-rejected", message: expect.any(String) },
  });
  wrong.check(ran, asJson);
});

test("SEC-124 2: usage, as JSON too", async () => {
  const { run } = sandbox();
  expect(await run(["tokne"])).toMatchObject({ code: 2, stdout: "" });
  const ran = await run(["token", "--json", "--nonsense"]);
  expect(ran).toMatchObject({ code: 2, stdout: "" });
  expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: "ERR_AUTH_INVALID", reason: "usage" } });
});

test("SEC-124 SEC-96 3: a login is needed, with and without a terminal", async () => {
  const { run, inTerminal, configure } = sandbox();
  configure({
    acme: { grant: { type: "bearer" }, credentials: ["env:ACME_TOKEN", "prompt:Token"] },
    alice: { grant: { type: "password", ...unset, clientId: "app", username: "alice" } },
  });
  for (const name of ["acme", "alice"]) {
    const ran = await run(["token", name]);
    expect(ran).toMatchObject({ code: 3, stdout: "" });
    expect(ran.stderr).toContain(`auth login ${name}`);
    expect((await inTerminal(["token", name])).code).toBe(3);
    // Nobody can be asked, and nothing hangs.
    expect((await run(["login", name])).code).toBe(3);
  }
});

test("SEC-124 4: no such profile, no credential", async () => {
  const { run, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: ["env:ACME_TOKEN", "file:/nowhere/token"] } });
  expect(await run(["token", "acme"])).toMatchObject({ code: 4, stdout: "" });
  expect(await run(["token", "other"])).toMatchObject({ code: 4, stdout: "" });
  expect(await run(["token"], { env: { AUTH_CONFIG: "/nowhere/config.json" } })).toMatchObject({
    code: 4,
    stdout: "",
  });
});

test("SEC-124 5: the server is away, or asks for patience", async () => {
  await using server = await tokenServer();
  const { run, configure } = sandbox();
  const { id, secret } = server.client;
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: server.issuer, clientId: id },
      credentials: "env:ACME_SECRET",
    },
  });
  await server.fault({ status: 429, retryAfter: 600 });
  const busy = await run(["token", "acme"], { env: { ACME_SECRET: secret } });
  expect(busy).toMatchObject({ code: 5, stdout: "" });
  expect(busy.stderr).toContain("Try again in 600 s.");
  await server.fault("refused");
  const away = await run(["token", "acme"], { env: { ACME_SECRET: secret } });
  expect(away).toMatchObject({ code: 5, stdout: "" });
  const asJson = await run(["token", "acme", "--json"], { env: { ACME_SECRET: secret } });
  expect(JSON.parse(asJson.stderr)).toMatchObject({
    error: { code: "ERR_AUTH_UNREACHABLE", reason: "network", cause: "ECONNREFUSED" },
  });
  server.check(busy, away, asJson);
});

test("SEC-124 6: the store, a file or a permission", async () => {
  await using server = await tokenServer();
  const { run, configure, write, tokensPath } = sandbox();
  const { id, secret } = server.client;
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: server.issuer, clientId: id },
      credentials: "env:ACME_SECRET",
    },
  });
  write("state/auth/tokens.json", "not a token file");
  const ran = await run(["token", "acme"], { env: { ACME_SECRET: secret } });
  expect(ran).toMatchObject({ code: 6, stdout: "" });
  expect(ran.stderr).toContain(tokensPath);
  expect(server.counts.tokenRequests).toBe(0);
});

test.skipIf(process.platform !== "linux")(
  "SEC-124 6: a store that is a keychain, and there is none",
  async () => {
    await using server = await tokenServer();
    const { run, configure } = sandbox();
    const { id, secret } = server.client;
    const store = { type: "keychain" } as const;
    configure({
      acme: { grant: { type: "bearer" }, store },
      traded: {
        grant: { type: "client-credentials", issuer: server.issuer, clientId: id },
        credentials: "env:S",
        store,
      },
    });
    const kept = await run(["login", "acme", "--stdin"], { stdin: "abc" });
    expect(kept).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining("no keychain") });
    expect(await run(["login", "traded"], { env: { S: secret } })).toMatchObject({ code: 6, stdout: "" });
    server.check(kept);
  },
);

test("SEC-124 every code of the taxonomy has an exit code", () => {
  const code = (...args: ConstructorParameters<typeof AuthError>) => exitCodeOf(new AuthError(...args));
  expect(code("ERR_AUTH_INTERACTION_REQUIRED", "refresh-token-rejected", "")).toBe(3);
  expect(code("ERR_AUTH_UNREACHABLE", "timeout", "")).toBe(5);
  expect(code("ERR_AUTH_UNREACHABLE", "save-failed", "")).toBe(6);
  expect(code("ERR_AUTH_UNREACHABLE", "lock-timeout", "")).toBe(6);
  expect(code("ERR_AUTH_DENIED", "unreadable", "")).toBe(6);
  expect(code("ERR_AUTH_DENIED", "prompt-cancelled", "")).toBe(130);
  expect(code("ERR_AUTH_UNAVAILABLE", "no-terminal", "")).toBe(3);
  expect(code("ERR_AUTH_UNAVAILABLE", "not-installed", "")).toBe(1);
  expect(code("ERR_AUTH_UNAVAILABLE", "no-home", "")).toBe(6);
  expect(code("ERR_AUTH_INVALID", "usage", "")).toBe(2);
  expect(code("ERR_AUTH_INVALID", "store-corrupted", "")).toBe(6);
  expect(code("ERR_AUTH_INVALID", "half-credential", "")).toBe(1);
  const attempts = [
    { provider: "env", code: "ERR_AUTH_NOT_FOUND" as const, reason: "not-set", message: "" },
    { provider: "prompt", code: "ERR_AUTH_UNAVAILABLE" as const, reason: "no-terminal", message: "" },
  ];
  expect(code("ERR_AUTH_EXHAUSTED", "no-source-answered", "", { attempts })).toBe(3);
  expect(code("ERR_AUTH_EXHAUSTED", "no-source-answered", "", { attempts: attempts.slice(0, 1) })).toBe(4);
});
