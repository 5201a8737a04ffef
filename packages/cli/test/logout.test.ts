import { tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";

test("SEC-67 what was typed is not kept, so its token cannot be revoked: said, and no failure of the logout", async () => {
  await using server = await tokenServer({ expiresIn: 3600 });
  const { run, configure } = sandbox();
  const { id: clientId, secret } = server.client;
  configure({ acme: { grant: { type: "client-credentials", issuer: server.issuer, clientId } } });
  const typed = { stdin: secret };
  expect((await run(["login", "--stdin"], typed)).code).toBe(0);

  const logout = await run(["logout"]);
  expect(logout).toMatchObject({ code: 0, stderr: "" });
  expect(logout.stdout).toMatch(
    /^Logged out of acme\n {2}store .* {2}done\n {2}revocation .* {2}not possible\n {2}To revoke takes the credential, which no source has\. At the server the token stays good until it expires, in 59 min\.\n$/,
  );
  expect(server.counts.revocations).toBe(0);
  expect((await run(["token"])).code).toBe(3);

  await run(["login", "--stdin"], typed);
  const asJson = await run(["logout", "--json"]);
  expect(asJson.code).toBe(0);
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    complete: false,
    parts: expect.arrayContaining([{ part: "revocation", outcome: "failed", reason: "no-credential" }]),
  });
  server.check(logout, asJson);
});

test("a server that revokes nothing is no failure of the logout either", async () => {
  await using server = await tokenServer();
  const { run, configure } = sandbox();
  const { id: clientId, secret } = server.client;
  const grant = { type: "client-credentials", issuer: server.issuer, clientId } as const;
  configure({ acme: { grant, credentials: "env:ACME_SECRET" } });
  const env = { ACME_SECRET: secret };
  await run(["token"], { env });
  await server.fault({ fields: { revocation_endpoint: undefined } }, { at: "discovery" });
  const logout = await run(["logout"], { env });
  expect(logout.code).toBe(0);
  expect(logout.stdout).toMatch(
    /not possible\n {2}The server revokes nothing\. At the server .*, in 59 min\.\n$/,
  );
});

test("a source before the prompt is asked for what revoking takes", async () => {
  await using server = await tokenServer();
  const { run, configure } = sandbox();
  const { id: clientId, secret } = server.client;
  const grant = { type: "client-credentials", issuer: server.issuer, clientId } as const;
  configure({ acme: { grant, credentials: ["env:ACME_SECRET", "prompt:"] } });
  const env = { ACME_SECRET: secret };
  await run(["token"], { env });
  const logout = await run(["logout"], { env });
  expect(logout).toMatchObject({ code: 0, stdout: expect.stringMatching(/revocation .* done/) });
  expect(server.counts.revocations).toBe(1);
});

test("SEC-124 a server that is away while tokens are revoked: 5, and the copies here are gone", async () => {
  await using server = await tokenServer();
  const { run, configure } = sandbox();
  const { id: clientId, secret } = server.client;
  const grant = { type: "client-credentials", issuer: server.issuer, clientId } as const;
  configure({ acme: { grant, credentials: "env:ACME_SECRET" } });
  const env = { ACME_SECRET: secret };
  await run(["token"], { env });
  await server.fault("refused");
  const logout = await run(["logout"], { env });
  expect(logout).toMatchObject({ code: 5, stderr: "" });
  expect(logout.stdout).toMatch(
    /^Not everything worked, logging out of acme\n {2}store .* done\n {2}revocation .* failed .*\n {2}At the server the token stays good until it expires, in 59 min\.\n$/,
  );
  expect((await run(["status", "--json"])).stdout).not.toContain('"token"');
});

test("a login that cannot be deleted is reported by name", async () => {
  const { run, configure, write } = sandbox();
  configure({ acme: { grant: { type: "bearer" } } });
  write("state/auth/tokens.json", "nonsense");
  const logout = await run(["logout"]);
  expect(logout).toMatchObject({ code: 6, stderr: "" });
  expect(logout.stdout).toMatch(
    /^Not everything worked, logging out of acme\n {2}store .* failed {2}store-corrupted\n$/,
  );
  write("state/auth/tokens.json", '{"schema":1,"entries":{"credential acme":7}}');
  expect(await run(["logout"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/store .* done/) });
});
