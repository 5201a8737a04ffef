import { existsSync, readFileSync } from "node:fs";
import { canary, tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";

test("every link, in order, with what it found or why not; what comes next; and not one secret", async () => {
  await using server = await tokenServer();
  const { run, configure, write, home, configPath } = sandbox();
  const { id: client_id, secret: client_secret } = server.client;
  const file = write("client.json", JSON.stringify({ client_id, client_secret }));
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: server.issuer },
      credentials: ["env:ACME_*", `file:${file}`, "file:/nowhere/else.json", "prompt:Client%20secret"],
    },
  });

  const before = await run(["explain", "acme"]);
  expect(before).toMatchObject({ code: 0, stderr: "" });
  // How long it took decides how wide the columns are.
  const found = before.stdout.replace(/ *\d+ ms(?: +(?=←)| *$)/gm, "  N ms  ").replace(/ +$/gm, "");
  expect(found).toBe(`acme  client-credentials ${server.issuer}
${configPath}; named on the command line

Credential, asked in this order
  env ACME_*${" ".repeat(file.length - 5)}  not found  N ms
    not set (blank counts as not set). Set ACME_CLIENT_ID and ACME_CLIENT_SECRET.
  file ${file}  found  N ms  ← used
  file /nowhere/else.json${" ".repeat(file.length - 18)}  not found  N ms
    is not there. Create it, or mend the path.
  prompt Client secret${" ".repeat(file.length - 15)}  not asked
    only auth login asks you

Server
  The server was not asked. To ask it once: auth explain acme --try

Token
  token  none
  store  token-file ${home}/state/auth/tokens.json

Next
  auth token acme gets a token from ${server.issuer}, with the credential of file ${file}.
`);
  expect(server.requests).toEqual([]); // it only looks

  const token = await run(["token"]);
  const after = await run(["explain", "--json", "--verbose"]);
  expect(JSON.parse(after.stdout)).toMatchObject({
    profile: "acme",
    because: "the only one",
    config: configPath,
    credentials: {
      links: [
        { provider: "env ACME_*", outcome: "ERR_AUTH_NOT_FOUND", reason: "not-set" },
        { outcome: "found", winner: true },
        { outcome: "ERR_AUTH_NOT_FOUND", reason: "no-file" },
        { outcome: "not-asked" },
      ],
    },
    status: { next: "use", from: "store", token: { type: "Bearer" } },
  });
  expect(token.code).toBe(0);
  server.check(before, after);
});

test("a broken source stops the chain, and that is the advice", async () => {
  const { run, configure, write } = sandbox();
  const secret = canary("half");
  const file = write("half.json", JSON.stringify({ client_secret: secret.value }));
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: "https://idp.example" },
      credentials: [`file:${file}`, "env:ACME_*"],
    },
  });
  const env = { ACME_CLIENT_ID: "a", ACME_CLIENT_SECRET: "b" };
  const { stdout } = await run(["explain"], { env });
  expect(stdout).toMatch(/unusable/);
  expect(stdout).toContain(
    `Next\n  auth token acme fails at file ${file}.\n  file ${file}: half a credential`,
  );
  expect(stdout).not.toContain("← used");
  secret.check(stdout);
});

test("a store that cannot be read is what stops it", async () => {
  const { run, configure, write, tokensPath } = sandbox();
  configure({
    acme: { grant: { type: "client-credentials", issuer: "https://idp.example" }, credentials: "env:ACME_*" },
    kept: { grant: { type: "bearer" } },
  });
  write("state/auth/tokens.json", "nonsense");
  for (const name of ["acme", "kept"]) {
    const { code, stdout } = await run(["explain", name], {
      env: { ACME_CLIENT_ID: "a", ACME_CLIENT_SECRET: "b" },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`auth token ${name} fails at .*: store-corrupted\\.\n  .*${tokensPath}`),
    );
    expect((await run(["status", name])).stdout).toContain("store-corrupted");
    expect((await run(["token", name])).code).toBe(6);
  }
});

test("the last word is what to do", async () => {
  const { run, configure } = sandbox();
  const issuer = "https://idp.example";
  configure({
    asked: { grant: { type: "bearer" }, credentials: ["env:T", "prompt:"] },
    quiet: { grant: { type: "bearer" }, credentials: "env:T" },
    alice: {
      grant: { type: "password", issuer, clientId: "app", clientSecret: "env:APP_SECRET", username: "alice" },
      credentials: "env:PASSWORD",
    },
  });
  const advice = async (name: string, env = {}) =>
    (await run(["explain", name], { env })).stdout.split("Next\n")[1];
  expect(await advice("asked")).toBe(
    "  auth token asked fails: a login is needed.\n  Log in: auth login asked\n",
  );
  expect(await advice("quiet")).toContain("fails: no source has the credential.\n  Put the credential where");
  expect(await advice("quiet", { T: "abc" })).toBe("  auth token quiet uses the credential of env T.\n");
  expect(await advice("alice", { PASSWORD: "abc" })).toContain("env APP_SECRET: not set");
});

test("SEC-123 foreign text cannot move the cursor or turn the line", async () => {
  const { run, configure } = sandbox();
  configure({
    acme: {
      description: "nice \u001b[2J\u202eprofile",
      grant: { type: "bearer" },
      credentials: "file:/nowhere/\u202eevil",
    },
  });
  const all = [
    await run(["explain"]),
    await run(["profiles"]),
    await run(["token"]),
    await run(["status", "--json"]),
  ];
  expect(JSON.stringify(all)).not.toMatch(/\\u001b|\u202e/);
});

test("on a terminal it fits 80 columns, and the home directory is ~", async () => {
  const { inTerminal, configure } = sandbox();
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: "https://idp.example" },
      credentials: ["env:ACME_*", "prompt:"],
    },
  });
  for (const line of [["explain"], ["status"]]) {
    const { screen } = await inTerminal(line);
    expect(Math.max(...screen.split("\n").map((row) => row.length))).toBeLessThanOrEqual(80);
    expect(screen).toContain("~/state/auth/tokens.json");
  }
});

test("--try shows the server the credential once, and keeps nothing of the answer", async () => {
  await using server = await tokenServer();
  const { run, configure, tokensPath } = sandbox();
  const { id: clientId, secret } = server.client;
  const grant = { type: "client-credentials", issuer: server.issuer, clientId } as const;
  configure({ acme: { grant, credentials: ["env:NOPE", "env:ACME_SECRET", "prompt:"] } });
  const env = { ACME_SECRET: secret };

  const before = await run(["explain", "--json"], { env });
  expect(JSON.parse(before.stdout).server).toMatchObject({ outcome: "not-asked" });
  expect(server.requests).toEqual([]);

  const tried = await run(["explain", "--try"], { env });
  expect(tried).toMatchObject({ code: 0, stderr: "" });
  expect(tried.stdout).toMatch(
    new RegExp(`\nServer\n {2}${server.issuer} {2}answered with a token {2}\\d+ ms\n`),
  );
  expect(server.counts.tokenRequests).toBe(1);
  expect(existsSync(tokensPath)).toBe(false);

  const wrong = canary("wrong");
  const refused = await run(["explain", "--try"], { env: { ACME_SECRET: wrong.value } });
  expect(refused.stdout).toMatch(/\nServer\n {2}\S+ {2}refused {2}\d+ ms\n {4}the token endpoint .*401/);
  expect(refused.stdout).toContain("env ACME_SECRET");
  expect(refused.stdout).toContain(`auth token acme fails at ${server.issuer}: credential-rejected.\n`);

  await server.fault("refused");
  const away = await run(["explain", "--try", "--json"], { env });
  expect(JSON.parse(away.stdout).server).toMatchObject({ outcome: "ERR_AUTH_UNREACHABLE" });
  server.check(before, tried, refused, away);
  wrong.check(refused);
});

test("SEC-78 --try uses up no refresh token, and leaves the stored login as it is", async () => {
  await using server = await tokenServer({ refreshTokens: "rotate" });
  const { run, configure, tokensPath } = sandbox();
  server.clients.set("app", "");
  const { name, password } = server.user;
  const common = { issuer: server.issuer, clientId: "app" };
  configure({
    rotating: {
      grant: { type: "refresh-token", ...common, clientAuth: "none" },
      credentials: "env:ACME_RT",
    },
    alice: { grant: { type: "password", ...common, username: name } },
    key: { grant: { type: "api-key" }, credentials: "env:KEY" },
  });
  const env = { ACME_RT: server.seedRefreshToken({ clientId: "app" }), KEY: "abc" };
  expect((await run(["token", "rotating"], { env })).code).toBe(0);
  expect((await run(["login", "alice", "--stdin"], { stdin: password })).code).toBe(0);
  const [stored, requests] = [readFileSync(tokensPath, "utf8"), server.counts.tokenRequests];
  const said = async (profile: string) =>
    JSON.parse((await run(["explain", profile, "--try", "--json"], { env })).stdout).server.reason;
  expect([await said("rotating"), await said("alice"), await said("key")]).toEqual([
    "spends-refresh-token",
    "interactive",
    "local",
  ]);
  expect(server.counts.tokenRequests).toBe(requests);
  expect(readFileSync(tokensPath, "utf8")).toBe(stored);
  expect((await run(["token", "rotating", "--force-refresh"], { env })).code).toBe(0);
  expect(server.counts.reuses).toBe(0);
});
