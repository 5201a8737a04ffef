import { tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";

test("SEC-122 the whole way: found in a chain, traded, kept, renewed, served while the server is down", async () => {
  await using server = await tokenServer({ expiresIn: 600 });
  const { run, configure, write } = sandbox();
  const { id: client_id, secret: client_secret } = server.client;
  const file = write("client.json", JSON.stringify({ client_id, client_secret }));
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: server.issuer, scopes: ["read"] },
      credentials: ["env:ACME_*", `file:${file}`],
      origins: [server.issuer],
    },
  });

  const first = await run(["token"]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  const headers = { authorization: `Bearer ${first.stdout.trim()}` };
  expect((await fetch(server.resource, { headers })).status).toBe(200);
  expect(await run(["token"])).toEqual(first); // another process, the same token
  expect(server.counts.tokenRequests).toBe(1);

  await server.fault("refused");
  expect(await run(["token"])).toEqual(first);
  await server.fault(undefined);

  const fresh = await run(["token", "--force-refresh", "--verbose"]);
  expect(fresh.stdout).not.toBe(first.stdout);
  expect(fresh.stderr).toMatch(/^auth: acme renewed \(exchange, \d+ ms\)$/m);
  expect((await run(["token", "--min-ttl", "5m"])).stdout).toBe(fresh.stdout);
  for (const time of ["soon", "90"]) {
    const ran = await run(["token", "--min-ttl", time]);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("with s, m or h") });
  }
  expect(server.counts.tokenRequests).toBe(2);
  server.check(first.stderr, fresh.stderr);
});

test("SEC-24 SEC-116 headers are given out for the profile's origins only", async () => {
  const { run, configure } = sandbox();
  configure({
    acme: {
      grant: { type: "bearer" },
      credentials: "env:ACME_TOKEN",
      origins: ["https://api.example.com"],
    },
  });
  const env = { ACME_TOKEN: "abc" };
  const headers = (url: string) => run(["headers", "--url", url], { env });
  expect((await headers("https://api.example.com/v1?x=1")).stdout).toBe("authorization: Bearer abc\n");
  for (const url of [
    "blob:https://api.example.com/x",
    "https://abc@api.example.com/",
    "http://api.example.com/",
    "/v1",
    "https://api.example.com.evil.example/",
    "https://api.example.com@evil.example/",
    "//x",
  ]) {
    const refused = await headers(url);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("nothing was read or sent");
  }
});

test("SEC-24 SEC-116 a profile that names no origin gives its token out for none, and is told so when it is added", async () => {
  const { run, configure } = sandbox();
  configure({});
  const env = { ACME_TOKEN: "abc" };
  const add = ["profiles", "add", "acme", "--grant", "bearer", "--credentials", "env:ACME_TOKEN"];
  expect((await run(add)).stderr).toContain(
    "Without --origin, auth headers --url gives its token out for no",
  );
  const refused = await run(["headers", "--url", "https://api.example.com/v1"], { env });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain('"origins": ["https://api.example.com"]');
  expect((await run(["headers"], { env })).code).toBe(0); // where it goes is then the person's business
  const again = await run([...add, "--force", "--origin", "https://api.example.com"]);
  expect(again.stderr).not.toContain("Without --origin");
  expect((await run(["headers", "--url", "https://api.example.com/v1"], { env })).code).toBe(0);
});

test("a token as JSON says what it is and when it ends", async () => {
  await using server = await tokenServer({ expiresIn: 3600 });
  const { run, configure } = sandbox();
  const { id: clientId, secret } = server.client;
  configure({
    acme: { grant: { type: "client-credentials", issuer: server.issuer, clientId }, credentials: "env:S" },
    bare: { grant: { type: "bearer" }, credentials: "env:S" },
  });
  const env = { S: secret };
  const { stdout, stderr } = await run(["token", "acme", "--json"], { env });
  const shown = JSON.parse(stdout) as { token: string; type: string; expiresAt: string };
  expect(shown).toEqual({ token: expect.any(String), type: "Bearer", expiresAt: expect.any(String) });
  expect(shown.token).toBe((await run(["token", "acme"], { env })).stdout.trim());
  expect(new Date(shown.expiresAt).toISOString()).toBe(shown.expiresAt);
  expect(stderr).toBe("");
  expect(JSON.parse((await run(["token", "bare", "--json"], { env })).stdout)).toEqual({
    token: secret,
    type: "Bearer",
  });

  expect((await run(["status", "--all"], { env })).code).toBe(0);

  // What cannot be is said, for whoever counts on it; the token that there is, is given.
  for (const line of [["token"], ["headers"], ["exec", "acme", "--min-ttl", "2h", "--", "true"]]) {
    const ran = await run(line[0] === "exec" ? line : [...line, "acme", "--min-ttl", "2h"], { env });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(
      /^auth: acme: this token ends in \d+ min, and --min-ttl asks for 2 h\. More than half/,
    );
  }
  const sent = server.counts.tokenRequests;
  for (const line of [["token"], ["headers", "--method", "post"], ["exec"]]) {
    const args = [
      ...line,
      "acme",
      "--min-ttl",
      "2h",
      "--force-refresh",
      ...(line[0] === "exec" ? ["--", "true"] : []),
    ];
    const anew = await run(args, { env });
    expect(anew).toMatchObject({ code: 0, stderr: expect.stringContaining("gets none that lasts longer") });
  }
  expect(server.counts.tokenRequests).toBe(sent + 3);
  expect((await run(["token", "acme", "--min-ttl", "1m"], { env })).stderr).toBe("");
});

test("a token that ends sooner than asked: what helps is named, and beside JSON the warning is JSON", async () => {
  await using server = await tokenServer({ expiresIn: 60, refreshTokens: "rotate" });
  const { run, configure } = sandbox();
  const { id: clientId, secret } = server.client;
  const { issuer, user } = server;
  server.clients.set("app", "");
  configure({
    typed: { grant: { type: "client-credentials", issuer, clientId } },
    renewed: { grant: { type: "password", issuer, clientId: "app", username: user.name } },
    bare: { grant: { type: "bearer" }, credentials: "env:T" },
  });
  await run(["login", "typed", "--stdin"], { stdin: secret });
  await run(["login", "renewed", "--stdin"], { stdin: user.password });
  const T = JSON.stringify({ token: "abc", expiresAt: new Date(Date.now() + 60_000) });
  for (const [name, advice] of [
    ["typed", "Only a login gets a new one: auth login typed"],
    ["renewed", "--force-refresh gets one with all of it."],
    ["bare", "nothing here renews it."],
  ] as const) {
    const ran = await run(["token", name, "--min-ttl", "90s", "--json"], { env: { T } });
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toHaveProperty("token");
    const [warning = ""] = ran.stderr.split("\n").filter((line) => line.includes("--min-ttl"));
    const { message } = JSON.parse(warning).warning;
    expect(message).toMatch(/this token ends in \d+ s, and --min-ttl asks for 90 s\. /);
    expect(message).toContain(advice);
    expect(message.includes("--force-refresh")).toBe(name === "renewed");
  }
});

test("nobody is said to be logged in where the truth is that a variable is not set", async () => {
  const { run, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: ["env:ACME_TOKEN", "prompt:Token"] } });
  const ran = await run(["token"]);
  expect(ran).toMatchObject({ code: 3, stdout: "" });
  expect(ran.stderr).toBe(
    "auth: acme: env ACME_TOKEN has no credential, and nobody is logged in. Put it there, or run: auth login acme\n",
  );
});

test("SEC-95 the password grant warns, on standard error only", async () => {
  await using server = await tokenServer();
  const { run, configure } = sandbox();
  server.clients.set("app", "");
  const { name: username, password } = server.user;
  configure({
    alice: {
      grant: { type: "password", issuer: server.issuer, clientId: "app", username },
      credentials: "env:PASSWORD",
    },
  });
  const ran = await run(["token"], { env: { PASSWORD: password } });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/^\S+\n$/);
  expect(ran.stderr).toMatch(/^auth: the password grant .*\n$/);
});

test("what a bare secret means is what the grant needs; what it cannot be is said", async () => {
  const { run, configure } = sandbox();
  const issuer = "https://idp.example";
  configure({
    key: { grant: { type: "api-key" }, credentials: "env:S" },
    cc: { grant: { type: "client-credentials", issuer }, credentials: "env:S" },
    user: { grant: { type: "basic" }, credentials: "env:S" },
    jwt: { grant: { type: "private-key", issuer }, credentials: "prompt:" },
  });
  const env = { S: "abc" };
  expect((await run(["headers", "key"], { env })).stdout).toBe("x-api-key: abc\n");
  const [cc, user, jwt] = [
    await run(["token", "cc"], { env }),
    await run(["token", "user"], { env }),
    await run(["token", "jwt"], { env }),
  ];
  expect(cc).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining('"clientId"') });
  expect(user).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining('"username"') });
  expect(jwt).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("file:~/") });
});
