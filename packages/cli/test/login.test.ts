import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { canary, tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import type { GrantConfig } from "../src/config/config.ts";
import { ended, sandbox } from "./sandbox.ts";

test("SEC-121 SEC-122 a password is asked for, never shown, exchanged, and not kept; the token is", async () => {
  await using server = await tokenServer();
  const { inTerminal, run, configure, home, tokensPath } = sandbox();
  server.clients.set("app", "");
  const { name, password } = server.user;
  const grant = { type: "password", issuer: server.issuer, clientId: "app", username: name } as const;
  configure({ alice: { grant } });

  const login = await inTerminal(["login"], [["Password for alice", `${password}\r`]]);
  expect(login).toMatchObject({ code: 0, screen: expect.stringContaining("Logged in to alice") });
  server.check(login);
  expect(readFileSync(tokensPath, "utf8")).not.toContain(password);
  expect(statSync(tokensPath).mode & 0o777).toBe(0o600);

  const token = await run(["token"]);
  expect(token).toMatchObject({ code: 0, stderr: "" });
  expect((await fetch(server.resource, bearer(token.stdout))).status).toBe(200);
  expect(server.counts.passwords).toBe(1);

  const logout = await run(["logout"]);
  expect(logout).toMatchObject({ code: 0, stdout: expect.stringContaining("revocation") });
  expect((await fetch(server.resource, bearer(token.stdout))).status).toBe(401);
  expect((await run(["token"])).code).toBe(3);
  expect(home).not.toBe("");
});

test("SEC-69 after a wrong password one more is asked for, and sent if it is another one", async () => {
  await using server = await tokenServer();
  const { inTerminal, run, configure } = sandbox();
  server.clients.set("app", "");
  const { name, password } = server.user;
  configure({
    alice: { grant: { type: "password", issuer: server.issuer, clientId: "app", username: name } },
  });
  const wrong = canary("wrong-password");
  const answers = (second: string) =>
    [
      ["Password for alice", `${wrong.value}\r`],
      ["Once more:", ""],
      ["Password for alice", `${second}\r`],
    ] as const;

  const twice = await inTerminal(["login"], answers(wrong.value));
  expect(twice).toMatchObject({ code: 1, screen: expect.stringContaining("The server refused that.") });
  expect(server.counts.tokenRequests).toBe(1);
  expect((await run(["token"])).code).toBe(3);

  const better = await inTerminal(["login"], answers(password));
  expect(better.code).toBe(0);
  expect(server.counts.tokenRequests).toBe(3);
  wrong.check(twice, better);
  server.check(twice, better);
});

test("a pasted token is kept, printed by `token` alone, and deleted by `logout`", async () => {
  const { inTerminal, run, configure, tokensPath } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: ["env:ACME_TOKEN", "prompt:Paste%20it"] } });
  const pasted = canary("pasted");
  const login = await inTerminal(["login"], [["Paste it", `${pasted.value}\r`]]);
  expect(login.code).toBe(0);
  expect(await run(["token"])).toEqual({ code: 0, stdout: `${pasted.value}\n`, stderr: "" });
  expect(await run(["headers"])).toMatchObject({ stdout: `authorization: Bearer ${pasted.value}\n` });
  const others = await Promise.all([
    run(["status", "--json"]),
    run(["explain", "--verbose"]),
    run(["explain", "--json"]),
    run(["profiles", "--json"]),
  ]);
  pasted.check(login, others);
  expect(others.map(({ code }) => code)).toEqual([0, 0, 0, 0]);

  const own = canary("own");
  const env = { ACME_TOKEN: own.value };
  expect((await run(["token"], { env })).stdout).toBe(`${own.value}\n`); // the order of the profile holds
  expect(await run(["login"], { env })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("env ACME_TOKEN has it"),
  });
  expect((await run(["token"])).stdout).toBe(`${pasted.value}\n`); // and what a source has is not copied

  expect((await run(["logout"])).code).toBe(0);
  pasted.checkFiles(tokensPath);
  expect((await run(["token"])).code).toBe(3);
});

test.each([
  [
    "bearer",
    { type: "bearer" },
    (secret: string) => secret,
    (secret: string) => `authorization: Bearer ${secret}\n`,
  ],
  [
    "api-key",
    { type: "api-key", header: "x-acme" },
    (secret: string) => secret,
    (secret: string) => `x-acme: ${secret}\n`,
  ],
  [
    "basic",
    { type: "basic" },
    (secret: string) => JSON.stringify({ username: "alice", password: secret }),
    (secret: string) => `authorization: Basic ${btoa(`alice:${secret}`)}\n`,
  ],
  [
    "basic with a user name",
    { type: "basic", username: "alice" },
    (secret: string) => secret,
    (secret: string) => `authorization: Basic ${btoa(`alice:${secret}`)}\n`,
  ],
] as const)(
  "SEC-10 SEC-120 %s from standard input, without the line break at its end",
  async (_name, grant, input, header) => {
    const { run, configure } = sandbox();
    configure({ acme: { grant } });
    const secret = canary("piped");
    const login = await run(["login", "--stdin"], { stdin: `${input(secret.value)}\r\n` });
    expect(login.code).toBe(0);
    secret.check(login);
    expect((await run(["headers"])).stdout).toBe(header(secret.value));
  },
);

test("a refresh token from standard input becomes a login that renews itself", async () => {
  await using server = await tokenServer({ refreshTokens: "rotate" });
  const { run, configure } = sandbox();
  const { id, secret } = server.client;
  configure({
    acme: {
      grant: { type: "refresh-token", issuer: server.issuer, clientId: id, clientSecret: "env:ACME_SECRET" },
    },
  });
  const env = { ACME_SECRET: secret };
  const login = await run(["login", "--stdin"], { env, stdin: server.seedRefreshToken() });
  expect(login.code).toBe(0);
  const [first, second] = [await run(["token"], { env }), await run(["token", "--force-refresh"], { env })];
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(second.stdout).not.toBe(first.stdout);
  expect(server.counts).toMatchObject({ refreshes: 2, reuses: 0 });
  // A token that is still good needs no secret of the client's.
  expect((await run(["token"])).stdout).toBe(second.stdout);
  server.check(login);
});

test("nothing on standard input is an error, and keeps the login that was there", async () => {
  const { run, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" } } });
  await run(["login", "--stdin"], { stdin: "good" });
  expect((await run(["login", "--stdin"], { stdin: "\n" })).code).toBe(4);
  expect((await run(["token"])).stdout).toBe("good\n");
});

test.each([
  ["bearer", { type: "bearer" }, (secret: string) => `${secret}\nand more`],
  ["bearer", { type: "bearer" }, (secret: string) => `${secret}é`],
  ["api-key", { type: "api-key" }, (secret: string) => `${secret}\r\nx-evil: 1`],
  ["basic", { type: "basic", username: "alice" }, (secret: string) => `${secret}\u0000`],
] as const)(
  "SEC-10 %s: what no request can carry is no login, and the one that was there stays (%#)",
  async (_name, grant, input) => {
    const { run, configure } = sandbox();
    configure({ acme: { grant } });
    const secret = canary("unsendable");
    await run(["login", "--stdin"], { stdin: "good" });
    const before = await run(["headers"]);
    const login = await run(["login", "--stdin"], { stdin: input(secret.value) });
    expect(login).toMatchObject({ code: 1, stdout: "" });
    expect(login.stderr).toMatch(/^auth: standard input: the secret holds/);
    secret.check(login);
    expect(before.code).toBe(0);
    expect(await run(["headers"])).toEqual(before);
  },
);

test("L14 standard input: over 1 MiB, or what is no text, is refused, and its end is not waited for", async () => {
  const { run, start, configure, tokensPath } = sandbox();
  configure({ acme: { grant: { type: "bearer" } } });
  const endless = start(["login", "--stdin", "--json"], { stdin: null });
  endless.stdin?.write("a".repeat(1_048_577));
  const ran = await ended(endless);
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: "ERR_AUTH_INVALID", reason: "too-large" } });

  const binary = start(["login", "--stdin", "--json"], { stdin: null });
  binary.stdin?.end(Buffer.from([0x61, 0xe9]));
  expect(JSON.parse((await ended(binary)).stderr)).toMatchObject({ error: { reason: "not-utf8" } });
  expect((await run(["status"])).stdout).not.toContain("kept in");
  expect(() => statSync(tokensPath)).toThrow("ENOENT");
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "SEC-124 the first %s ends the wait for standard input",
  async (signal) => {
    const { start, configure } = sandbox();
    configure({ acme: { grant: { type: "bearer" } } });
    const child = start(["login", "--stdin"], { stdin: null });
    const ran = ended(child);
    // More than a pipe holds: what is taken shows that it is being read.
    await new Promise((taken) => child.stdin?.write("a".repeat(512 * 1024), taken));
    child.kill(signal);
    expect(await ran).toEqual({ code: 130, stdout: "", stderr: "" });
  },
);

test.each([
  ["nothing", ""],
  ["nonsense", "nonsense"],
  [
    "one entry that is none",
    '{"schema":1,"entries":{"credential acme":7,"other":{"generation":"g","text":"kept"}}}',
  ],
])(
  "SEC-76 a store that holds %s is healed by a login, also of a grant that asks no server; what was there is kept aside",
  async (_name, content) => {
    const { run, configure, write, tokensPath } = sandbox();
    configure({
      acme: { grant: { type: "bearer" } },
      key: { grant: { type: "api-key" } },
      alice: { grant: { type: "basic", username: "alice" } },
    });
    for (const name of ["acme", "key", "alice"]) {
      write("state/auth/tokens.json", content.replace("credential acme", `credential ${name}`));
      const login = await run(["login", name, "--stdin"], { stdin: "new" });
      expect(login.code, login.stderr).toBe(0);
      expect((await run(["headers", name])).code).toBe(0);
      if (content.includes("kept")) expect(readFileSync(tokensPath, "utf8")).toContain("kept");
    }
    expect(readdirSync(dirname(tokensPath)).filter((name) => name.includes(".corrupt-"))).toHaveLength(3);
  },
);

test.each([
  ["Ctrl-C", "\u0003"],
  ["SIGTERM", "SIGTERM"],
])(
  "SEC-121 %s at the prompt: 130, the terminal as it was, nothing kept, no secret anywhere",
  async (_name, end) => {
    const { inTerminal, run, configure } = sandbox();
    configure({ acme: { grant: { type: "bearer" } } });
    const half = canary("half-typed");
    const seen = await inTerminal(
      ["login"],
      [
        ["Access token", half.value],
        ["Access token", end],
      ],
    );
    expect(seen.code).toBe(130);
    expect(seen.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(seen.raw.lastIndexOf("\u001b[?25l")); // the cursor is back
    expect((await run(["token"])).code).toBe(3);
    half.check(seen);
  },
);

function bearer(printed: string): RequestInit {
  return { headers: { authorization: `Bearer ${printed.trim()}` } };
}

test.each<[string, GrantConfig, string, object]>([
  [
    "a secret of nobody yet",
    { type: "client-credentials", issuer: "https://idp.example" },
    '{"client_id":"…","client_secret":"…"}',
    { client_id: "a", client_secret: "b" },
  ],
  [
    "a password of nobody yet",
    { type: "basic" },
    '{"username":"…","password":"…"}',
    { username: "a", password: "b" },
  ],
  ["a key", { type: "api-key" }, "the secret", { api_key: "b" }],
  [
    "a known user's password",
    { type: "basic", username: "oscar" },
    'the secret or {"username":"…","password":"…"}',
    { username: "a", password: "b" },
  ],
])(
  "without a terminal, for %s: --stdin is named, and what to write there is what it takes",
  async (_, grant, form, json) => {
    const { run, configure } = sandbox();
    configure({ acme: { grant } });
    const ran = await run(["login", "acme"]);
    expect(ran).toMatchObject({ code: 3, stdout: "" });
    const said = ran.stderr.replace(/\s+/g, " ");
    expect(said).toContain(
      `nobody can be asked: the input is not a terminal. Run it in a terminal, or write ${form} to: auth login acme --stdin`,
    );
    expect(said).not.toContain("environment");
    const bare = await run(["login", "acme", "--stdin"], { stdin: "abc" });
    if (form.startsWith("the secret")) expect(bare.code).toBe(0);
    else expect(bare).toMatchObject({ code: 1, stderr: expect.stringContaining(form) });
    if (!("issuer" in grant))
      expect((await run(["login", "acme", "--stdin"], { stdin: JSON.stringify(json) })).code).toBe(0);
  },
);
