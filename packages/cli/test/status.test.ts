import { readFileSync } from "node:fs";
import { tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";

test("SEC-122 status reads the store only: no source, no server, no secret", async () => {
  await using server = await tokenServer({ expiresIn: 3600 });
  const { run, configure, home } = sandbox();
  const { id: clientId, secret } = server.client;
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: server.issuer, clientId, scopes: ["read"] },
      credentials: "env:ACME_SECRET",
    },
    later: { grant: { type: "bearer" }, credentials: "prompt:" },
  });
  const before = await run(["status", "acme"]);
  expect(before).toEqual({
    code: 0,
    stdout: `acme  client-credentials
  - No token yet for ${clientId} at ${server.issuer}
  store  token-file ${home}/state/auth/tokens.json
  next   auth token gets a token from ${server.issuer}, if env ACME_SECRET has the credential
`,
    stderr: "",
  });
  await run(["token", "acme"], { env: { ACME_SECRET: secret } });
  const asked = server.requests.length;
  const after = await run(["status", "acme"]);
  expect(after.code).toBe(0);
  expect(after.stdout.replace(/\(\d.*\)/, "(then)")).toBe(`acme  client-credentials
  ✓ Logged in to ${server.issuer} as ${clientId}
  token       Bearer, expires in 59 min (then)
  scopes      read
  credential  env ACME_SECRET
  store       token-file ${home}/state/auth/tokens.json
  next        auth token serves the token that is there, and renews it in 39 to 54 min
`);
  const asJson = await run(["status", "--all", "--json"]);
  expect(JSON.parse(asJson.stdout)).toMatchObject([
    {
      profile: "acme",
      server: server.issuer,
      account: clientId,
      loginNeeded: false,
      next: "use",
      due: "use-and-refresh",
      source: "env ACME_SECRET",
      token: { type: "Bearer", scopes: ["read"], provider: "env ACME_SECRET" },
    },
    { profile: "later", grant: "bearer", loggedIn: false, loginNeeded: true },
  ]);
  expect(server.requests.length).toBe(asked);
  server.check(before, after, asJson);
});

test("which credential bought the token: its link of the chain, its version, whose it is", async () => {
  await using server = await tokenServer({ expiresIn: 3600 });
  const { run, configure, write } = sandbox();
  server.clients.set("app", "");
  const { name: username, password } = server.user;
  const file = write("alice.json", JSON.stringify({ username, password }));
  configure({
    acme: {
      grant: { type: "password", issuer: server.issuer, clientId: "app" },
      credentials: ["env:NOBODY_*", `file:${file}`],
    },
  });
  const token = await run(["token", "--verbose"]);
  expect(token.stderr).toMatch(
    new RegExp(`auth: acme: read from file ${file} .* past env NOBODY_\\* .*\\(\\d+ ms\\)`),
  );
  const { stdout } = await run(["status"]);
  expect(stdout).toContain(`✓ Logged in to ${server.issuer} as ${username}\n`);
  expect(stdout).toMatch(new RegExp(`credential {2}file ${file}, version .*, of ${username}\n`));
  server.check(stdout, token.stderr);
});

test("when a renewal is due is the same range in every process, whatever lot it draws", async () => {
  await using server = await tokenServer({ expiresIn: 3600 });
  const { run, configure } = sandbox();
  const { id: clientId, secret } = server.client;
  configure({
    acme: { grant: { type: "client-credentials", issuer: server.issuer, clientId }, credentials: "env:S" },
  });
  await run(["token"], { env: { S: secret } });
  const all = await Promise.all(Array.from({ length: 4 }, () => run(["status", "--json"])));
  const seconds = all.map(({ stdout }) => {
    const { nextFrom, nextAt, token } = JSON.parse(stdout);
    return [nextFrom, nextAt].map((at) => Math.round((Date.parse(token.expiresAt) - Date.parse(at)) / 1_000));
  });
  expect(seconds).toEqual(all.map(() => [1_200, 300]));
});

test("SEC-124 what only a person can renew is not said to renew itself; without a token it is 3", async () => {
  await using server = await tokenServer({ expiresIn: 3600 });
  const { run, configure, home } = sandbox();
  const { id: clientId, secret } = server.client;
  configure({ acme: { grant: { type: "client-credentials", issuer: server.issuer, clientId } } });
  expect(await run(["status"])).toEqual({
    code: 3,
    stdout: `acme  client-credentials
  ✗ Not logged in to ${server.issuer} as ${clientId}. Run: auth login acme
  store  token-file ${home}/state/auth/tokens.json
`,
    stderr: "",
  });
  await run(["login", "--stdin"], { stdin: secret });
  const { code, stdout } = await run(["status"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/next .* serves the token that is there; a login is needed in 59 min\n$/);
  expect(stdout).not.toContain("renews");
});

test("SEC-124 what nobody can renew is given out to its end, and status and explain say so until then", async () => {
  await using server = await tokenServer({ expiresIn: 3600 });
  const { run, configure, write, tokensPath } = sandbox();
  const { id: clientId, secret } = server.client;
  configure({ acme: { grant: { type: "client-credentials", issuer: server.issuer, clientId } } });
  await run(["login", "--stdin"], { stdin: secret });
  const left = (ms: number): void => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const aged = readFileSync(tokensPath, "utf8")
      .replace(/(expiresAt\W+)\d[^"\\]+/, `$1${at(ms)}`)
      .replace(/(obtainedAt\W+)\d[^"\\]+/, `$1${at(ms - 100_000)}`);
    write("state/auth/tokens.json", aged);
  };
  left(24_000); // less than a quarter of 100 s: time to renew
  const status = await run(["status"]);
  expect(status.code).toBe(0);
  expect(status.stdout).toContain("✓ Logged in to");
  const next =
    /serves the token that is there until it expires in \d+ s, and then fails: a\s+login is needed/;
  expect(status.stdout).toMatch(next);
  expect((await run(["explain"])).stdout).toMatch(next);
  expect(JSON.parse((await run(["status", "--json"])).stdout)).toMatchObject({ loginNeeded: false });
  expect((await run(["status", "--all"])).stdout).toMatch(/✓ .* expires in \d+ s\n$/);
  expect((await run(["token"])).code).toBe(0);
  left(-1_000);
  expect((await run(["status"])).code).toBe(3);
  expect((await run(["token"])).code).toBe(3);
});

test("a refresh token that was refused renews nothing: a second later, too", async () => {
  await using server = await tokenServer({ expiresIn: 3600, refreshTokens: "rotate" });
  const { run, configure } = sandbox();
  server.clients.set("app", "");
  configure({
    acme: {
      grant: { type: "refresh-token", issuer: server.issuer, clientId: "app", clientAuth: "none" },
      credentials: "env:ACME_RT",
    },
  });
  const env = { ACME_RT: server.seedRefreshToken({ clientId: "app" }) };
  await run(["token"], { env });
  expect((await run(["status"])).stdout).toContain("and renews it");
  await server.fault({ error: "invalid_grant" });
  expect((await run(["token", "--force-refresh"], { env })).code).toBe(3);
  const { stdout } = await run(["status"]);
  expect(stdout).not.toContain("renews");
  expect(stdout).toMatch(/\n {2}refused .*the refresh token, by the server/);
  expect(stdout).toMatch(/; a login is needed in .*\n$/);
  expect(JSON.parse((await run(["status", "--json"])).stdout)).toMatchObject({
    refused: { reason: "refresh-token-rejected" },
  });
});

test("SEC-124 3 also for a login that lies in the files of a service's own client, if there is none", async () => {
  const { run, configure, write } = sandbox();
  configure({ dl: { grant: { type: "descartes-labs" } } });
  const none = await run(["status"]);
  expect(none).toMatchObject({
    code: 3,
    stdout: expect.stringContaining("✗ Not logged in to Descartes Labs."),
  });
  write(".descarteslabs/token_info.json", JSON.stringify({ client_id: "a", client_secret: "b" }));
  expect((await run(["status"])).code).toBe(0);
});

test("what a login left is named", async () => {
  const { run, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" } } });
  expect(await run(["status"])).toEqual({
    code: 3,
    stdout: "acme  bearer\n  ✗ Not logged in. Run: auth login acme\n",
    stderr: "",
  });
  await run(["login", "--stdin"], { stdin: "abc" });
  const { code, stdout } = await run(["status"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^acme {2}bearer\n {2}✓ Logged in\n {2}login {2}kept in token-file .*\n {2}next .* uses what is kept\n$/,
  );
});

test("SEC-124 a store that cannot be used: 6, and the message that mends it", async () => {
  const { run, configure, write, tokensPath } = sandbox();
  configure({
    acme: { grant: { type: "client-credentials", issuer: "https://idp.example" }, credentials: "env:A_*" },
  });
  write("state/auth/tokens.json", "nonsense");
  const { code, stdout } = await run(["status"]);
  expect(code).toBe(6);
  expect(stdout).toContain(`\n  ✗ token-file ${tokensPath}: it is not a token file. Mend it,`);
  expect(stdout).toMatch(/\n {2}failure {2}ERR_AUTH_INVALID, store-corrupted\n$/);
  expect(stdout.split(tokensPath)).toHaveLength(2); // said once
});

test("--all is a table: plain in a pipe, with a head and no wider than the terminal elsewhere", async () => {
  const { run, inTerminal, configure, write } = sandbox();
  const issuer = "https://login.a-company-with-a-long-name.example/realms/production-europe-west";
  configure({
    billing: {
      grant: { type: "client-credentials", issuer, clientId: "the-billing-application-of-europe" },
      credentials: "env:S",
    },
    alice: { grant: { type: "password", issuer: "https://idp.example", clientId: "app", username: "alice" } },
    pasted: { grant: { type: "bearer" } },
    key: { grant: { type: "api-key" }, credentials: "env:KEY" },
  });
  write("state/auth/tokens.json", '{"schema":1,"entries":{}}');
  await run(["login", "pasted", "--stdin"], { stdin: "abc" });
  const { code, stdout } = await run(["status", "--all"]);
  expect(code).toBe(3);
  expect(stdout.split("\n").map((line) => line.replace(/ {2,}/g, "  "))).toEqual([
    "-  billing  login.a-company-with-a-long-name.example/realms/production-europe-west  the-billing-application-of-europe  no token yet",
    "✗  alice  idp.example  alice  login needed",
    "✓  pasted  logged in",
    "-  key  asks env KEY",
    "",
  ]);
  for (const cols of [80, 120]) {
    const { screen } = await inTerminal(["status", "--all"], [], { size: { cols, rows: 40 } });
    const lines = screen.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^ +PROFILE +SERVER +ACCOUNT +STATE$/);
    expect(lines).toHaveLength(5);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(cols);
    expect(screen).toContain("…");
  }
});
