import { existsSync, readFileSync } from "node:fs";
import { canary, tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import type { Profile } from "../src/config/config.ts";
import { sandbox } from "./sandbox.ts";

const add = (...more: string[]) => ["profiles", "add", "acme", "--grant", "bearer", ...more];

test("SEC-119 a removed profile's secret is removed with it", async () => {
  const { run, configure, tokensPath } = sandbox();
  configure({});
  const secret = canary("kept");
  await run(add("--origin", "https://one.example"));
  await run(["login", "acme", "--stdin"], { stdin: secret.value });
  expect(readFileSync(tokensPath, "utf8")).toContain(secret.value);
  const removed = await run(["profiles", "remove", "acme"]);
  expect(removed).toMatchObject({ code: 0, stderr: expect.not.stringContaining("stays") });
  secret.check(readFileSync(tokensPath, "utf8"));
  await run(add("--origin", "https://two.example"));
  expect((await run(["token", "acme"])).code).toBe(3);
});

test.each<[string, Partial<Profile>]>([
  ["another origin", { origins: ["https://two.example"] }],
  ["one origin more", { origins: ["https://one.example", "https://two.example"] }],
  ["no origin", {}],
  ["another grant", { origins: ["https://one.example"], grant: { type: "api-key" } }],
])("SEC-119 with %s a profile does not inherit what the name had, and says so", async (_, other) => {
  const { run, configure } = sandbox();
  const profile: Profile = { grant: { type: "bearer" }, origins: ["https://one.example"] };
  configure({ acme: profile });
  await run(["login", "acme", "--stdin"], { stdin: "abc" });
  expect((await run(["headers", "acme", "--url", "https://one.example/"])).stdout).toContain("abc");
  configure({ acme: { grant: profile.grant, ...other } });
  const ran = await run(["headers", "acme"]);
  expect(ran).toMatchObject({ code: 3, stdout: "" });
  expect(ran.stderr).toContain("auth login acme");
  expect((await run(["explain", "acme"])).stdout).toContain("for another grant or other origins");
  // A new login heals it.
  await run(["login", "acme", "--stdin"], { stdin: "def" });
  expect((await run(["headers", "acme"])).stdout).toContain("def");
});

test("SEC-119 fewer origins than before are no others", async () => {
  const { run, configure } = sandbox();
  const both = ["https://one.example", "https://two.example"];
  configure({ acme: { grant: { type: "bearer" }, origins: both } });
  await run(["login", "acme", "--stdin"], { stdin: "abc" });
  configure({ acme: { grant: { type: "bearer" }, origins: both.slice(1) } });
  expect((await run(["token", "acme"])).stdout).toBe("abc\n");
});

test("SEC-119 --force takes the old login along, unless it is the same one", async () => {
  const { run, configure, tokensPath } = sandbox();
  configure({});
  const secret = canary("kept");
  await run(add("--origin", "https://one.example"));
  await run(["login", "acme", "--stdin"], { stdin: secret.value });
  expect((await run(add("--origin", "https://one.example", "--description", "x", "--force"))).code).toBe(0);
  expect((await run(["token", "acme"])).stdout).toBe(`${secret.value}\n`);
  expect((await run(add("--origin", "https://two.example", "--force"))).code).toBe(0);
  secret.check(readFileSync(tokensPath, "utf8"));
});

test("SEC-119 tokens go with the profile, and end at the server", async () => {
  await using server = await tokenServer({ refreshTokens: "rotate" });
  const { run, configure, tokensPath } = sandbox();
  server.clients.set("app", "");
  const { issuer } = server;
  configure({
    acme: { grant: { type: "refresh-token", issuer, clientId: "app" }, credentials: "env:R" },
  });
  const env = { R: server.seedRefreshToken({ clientId: "app" }) };
  const { stdout } = await run(["token"], { env });
  const removed = await run(["profiles", "remove", "acme"], { env });
  expect(removed).toMatchObject({ code: 0, stderr: expect.not.stringContaining("stays") });
  expect(readFileSync(tokensPath, "utf8")).not.toContain(stdout.trim());
  expect(readFileSync(tokensPath, "utf8")).not.toContain("acme");
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  expect((await fetch(server.resource, { headers })).status).toBe(401);
});

test("SEC-119 the mark that a logout left is no login: it goes with the profile, and nobody hears of it", async () => {
  await using server = await tokenServer();
  const { run, configure, tokensPath } = sandbox();
  const { id: clientId, secret } = server.client;
  configure({ acme: { grant: { type: "client-credentials", issuer: server.issuer, clientId } } });
  await run(["login", "--stdin"], { stdin: secret });
  await run(["logout"]);
  expect((await run(["status"])).code).toBe(3);
  expect((await run(["explain"])).stdout).toContain("fails: a login is needed");
  const { code, stderr } = await run(["profiles", "remove", "acme"]);
  expect(code).toBe(0);
  expect(stderr).not.toContain("stays");
  expect(readFileSync(tokensPath, "utf8")).not.toContain("acme");
});

test("SEC-119 a login of that name at another server stays, and that is said", async () => {
  await using one = await tokenServer({ refreshTokens: "rotate" });
  await using two = await tokenServer({ refreshTokens: "rotate" });
  const { run, configure, tokensPath } = sandbox();
  for (const { clients } of [one, two]) clients.set("app", "");
  const profile = ({ issuer, user }: typeof one): Profile => ({
    grant: { type: "password", issuer, clientId: "app", username: user.name },
    credentials: "env:P",
  });
  configure({ acme: profile(one) });
  const env = { P: one.user.password };
  const { stdout } = await run(["token"], { env });
  configure({ acme: profile(two) });
  const removed = await run(["profiles", "remove", "acme"], { env });
  expect(removed).toMatchObject({ code: 0, stderr: expect.stringContaining("at another server; it stays") });
  expect(readFileSync(tokensPath, "utf8")).toContain(stdout.trim());
});

test("SEC-119 with another issuer a profile does not inherit the tokens of the old one", async () => {
  await using one = await tokenServer();
  await using two = await tokenServer();
  const { run, configure } = sandbox();
  const profile = ({ issuer, client }: typeof one): Profile => ({
    grant: { type: "client-credentials", issuer, clientId: client.id },
    credentials: "env:S",
  });
  configure({ acme: profile(one) });
  const old = await run(["token"], { env: { S: one.client.secret } });
  configure({ acme: profile(two) });
  const anew = await run(["token"], { env: { S: two.client.secret } });
  expect(anew.code).toBe(0);
  expect(anew.stdout).not.toBe(old.stdout);
  expect(two.counts.tokenRequests).toBe(1);
});

test("SEC-119 what cannot be removed is said, and the profile goes all the same", async () => {
  const { run, configure, write, configPath, tokensPath } = sandbox();
  configure({ acme: { grant: { type: "bearer" } } });
  write("state/auth/tokens.json", "damaged");
  const ran = await run(["profiles", "remove", "acme"]);
  expect(ran).toMatchObject({ code: 6, stdout: "" });
  expect(ran.stderr).toContain("Removed acme");
  expect(ran.stderr).toContain(tokensPath);
  expect(JSON.parse(readFileSync(configPath, "utf8"))).not.toHaveProperty("profiles.acme");
});

test("SEC-119 the file of a service's own tools stays as it is, and that is said", async () => {
  const { run, configure, write } = sandbox();
  configure({ acme: { grant: { type: "yaku", url: "https://yaku.example" }, store: { type: "shared" } } });
  const file = write(".yakurc", "[]");
  const ran = await run(["profiles", "remove", "acme"]);
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining("own tools use too stays") });
  expect(existsSync(file)).toBe(true);
});
