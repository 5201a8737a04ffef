import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";
import { yakuServer } from "./stand-in.ts";

interface Entry {
  readonly name: string;
  readonly accessToken?: string;
  readonly current?: boolean;
  readonly namespace?: number;
}

async function world(store?: "shared") {
  const server = await yakuServer();
  const box = sandbox();
  const grant = { type: "yaku", url: server.origin } as const;
  box.configure({ dev: { grant, ...(store && { store: { type: store } }) } });
  const path = join(box.home, ".yakurc");
  const file = (): Entry[] => JSON.parse(readFileSync(path, "utf8")) as Entry[];
  return { ...box, server, grant, path, file };
}

test("yaku: a login by code, kept in the file of Yaku's command line, used until it ends, and taken out again", async () => {
  const { server, inTerminal, run, write, file, path } = await world("shared");
  write(".yakurc", JSON.stringify([{ name: "dev", url: `${server.origin}/api/v1`, namespace: 7 }]));
  const login = await inTerminal(["login"]);
  expect(login).toMatchObject({ code: 0, screen: expect.stringContaining("Code  WDJB-MJHT") });
  expect(server.forms("POST /device")).toMatchObject([{ client_id: "yaku-cli", scope: "openid" }]);
  const access = server.secrets.access.value;
  expect(file()).toMatchObject([{ name: "dev", namespace: 7, current: true, accessToken: access }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const _ of [1, 2]) expect((await run(["token"])).stdout).toBe(`${access}\n`);
  expect(server.forms("POST /token").filter((form) => form["grant_type"] === "refresh_token")).toEqual([]);
  const status = await run(["status"]);
  expect(status.stdout).toContain("session");
  server.check(login, status);
  expect((await run(["logout"])).code).toBe(0);
  server.secrets.access.checkFiles(path);
  expect(file()).toMatchObject([{ name: "dev", namespace: 7 }]);
});

test("yaku: what its own command line has logged in is used", async () => {
  const { server, run, write } = await world("shared");
  const accessToken = server.secrets.access.value;
  const expiresAt = Math.floor(Date.now() / 1_000) + 3_600;
  const entry = { name: "dev", url: `${server.origin}/api/v1`, accessToken, refreshToken: "r", expiresAt };
  write(".yakurc", JSON.stringify([{ ...entry, current: true }]));
  expect(await run(["token"])).toEqual({ code: 0, stdout: `${accessToken}\n`, stderr: "" });
  expect(server.log()).toEqual([]);
});

test("yaku: --admin asks for more, and a later login asks for the same again, until a logout", async () => {
  const { server, run } = await world();
  for (const line of [["--admin"], []]) expect((await run(["login", "--device", ...line])).code).toBe(0);
  expect((await run(["logout"])).code).toBe(0);
  expect((await run(["login", "--device"])).code).toBe(0);
  expect(server.forms("POST /device").map(({ scope }) => scope)).toEqual([
    "global openid",
    "global openid",
    "openid",
  ]);
});

test.each(["file", "shared"] as const)(
  "yaku, store %s: an application token from standard input is tried, kept, and never renewed",
  async (store) => {
    const { server, run, configure, grant } = await world();
    if (store === "shared") configure({ dev: { grant, store: { type: store } } });
    const stdin = server.applicationToken;
    expect((await run(["login", "--stdin"], { stdin })).code).toBe(0);
    expect((await run(["token"])).stdout).toBe(`${stdin}\n`);
    expect(server.log()).toEqual(["GET /api/v1/long-running-tokens"]);
    const wrong = await run(["login", "--stdin"], { stdin: stdin.replace("5d", "00") });
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect((await run(["token"])).stdout).toBe(`${stdin}\n`); // a wrong one replaces nothing
    const create = await run(["tokens", "create", "--description", "x"]);
    expect(create).toMatchObject({ code: 3, stdout: "" }); // only people make new ones
  },
);

test("yaku with credentials takes its application token from there, and has no login by code", async () => {
  const { server, run, configure, grant } = await world();
  configure({ ci: { grant, credentials: "env:YAKU_TOKEN" } });
  const env = { YAKU_TOKEN: server.applicationToken };
  expect((await run(["token"], { env })).stdout).toBe(`${server.applicationToken}\n`);
  expect(await run(["login", "--device"], { env })).toMatchObject({ code: 2 });
});

test("SEC-122 SEC-123 tokens: a new one is on standard output once and nowhere else; they are listed and revoked", async () => {
  const { server, run, inTerminal } = await world();
  expect((await run(["login", "--device"])).code).toBe(0);
  const { made } = server;
  const create = await run(["tokens", "create", "--description", "release", "--admin", "--verbose"]);
  expect(create).toMatchObject({ code: 0, stdout: `${made.value}\n` });
  expect(create.stderr).toContain("auth tokens revoke 2");
  made.check(create.stderr);
  const asked = server.asked.find(({ what }) => what === "POST /api/v1/long-running-tokens");
  expect(JSON.parse(asked?.body ?? "")).toEqual({ description: "release", try_admin: true });

  const list = await run(["tokens", "list"]);
  expect(list).toMatchObject({ code: 0, stderr: "" });
  expect(list.stdout).toMatch(
    /^2 {2}active {3}admin {2}20\S+Z {2}release\n1 {2}revoked {9}20\S+Z {2}nightly build\n$/,
  );
  const seen = await inTerminal(["tokens", "list"]);
  expect(seen.screen).toMatch(/^ID {2}STATUS {3}RIGHTS {2}MADE .* FOR\n/);
  expect(seen.raw).not.toContain("\u001b[31m");
  const json = await run(["tokens", "list", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    profile: "dev",
    tokens: [
      { id: 2, status: "active", tryAdmin: true },
      { id: 1, status: "revoked" },
    ],
  });

  expect(await run(["tokens", "revoke", "2", "dev"])).toMatchObject({ code: 0, stdout: "" });
  expect(server.log().at(-1)).toBe("POST /api/v1/long-running-tokens/2/revoke");
  expect(await run(["tokens", "revoke", "3"])).toMatchObject({ code: 4, stdout: "" });
  const again = await run(["tokens", "create", "--description", "more", "--json"]);
  expect(again.stdout).toBe(`${made.value}\n`);
  expect(JSON.parse(again.stderr)).toMatchObject({ profile: "dev", id: 2, tryAdmin: false });
  const others = [list, seen, json, await run(["status", "--json"]), await run(["explain", "--verbose"])];
  made.check(others, again.stderr);
  server.check(create, others);
});

test("SEC-120 SEC-124 tokens: wrong calls, another kind of profile, nobody logged in", async () => {
  const { server, run, configure, grant } = await world();
  configure({ dev: { grant }, other: { grant: { type: "bearer" }, credentials: "env:T" } });
  const { applicationToken } = server;
  for (const line of [
    ["tokens", "create", "dev"],
    ["tokens", "create", "dev", "--description", " "],
    ["tokens", "revoke", applicationToken, "dev"],
    ["tokens", "revoke", "2147483648", "dev"],
    ["tokens", "list", "other"],
  ]) {
    const ran = await run(line);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).not.toContain(applicationToken);
  }
  const nobody = await run(["tokens", "list", "dev"]);
  expect(nobody).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("auth login dev") });
  expect(server.log()).toEqual([]);
});
