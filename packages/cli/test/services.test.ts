import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";
import { standIn } from "./stand-in.ts";

const soon = (): string => new Date(Date.now() + 1_800_000).toISOString();

/** Jamf Pro: user accounts, API clients, and the end of tokens. */
async function jamfServer() {
  const secrets = { password: canary("password"), secret: canary("client-secret"), token: canary("token") };
  const token = secrets.token.value;
  const basic = `Basic ${btoa(`oscar:${secrets.password.value}`)}`;
  const server = await standIn(({ what, headers, form }) => {
    switch (what) {
      case "POST /api/v1/auth/token":
        return headers.authorization === basic ? { body: { token, expires: soon() } } : { status: 401 };
      case "POST /api/v1/oauth/token":
        return form["client_id"] === "cid" && form["client_secret"] === secrets.secret.value
          ? { body: { access_token: token, token_type: "Bearer", expires_in: 1_200, scope: "api-role:2" } }
          : { status: 401, body: {} };
      case "POST /api/v1/auth/invalidate-token":
        return { status: 204 };
      default:
        return undefined;
    }
  });
  return {
    ...server,
    secrets,
    check: (...seen: unknown[]) => {
      for (const secret of Object.values(secrets)) secret.check(...seen);
    },
  };
}

test("SEC-122 jamf-pro, a user account: only the password is asked for, the token is kept, and ended at the server", async () => {
  const server = await jamfServer();
  const { inTerminal, run, configure, tokensPath } = sandbox();
  configure({ jamf: { grant: { type: "jamf-pro", server: server.origin, username: "oscar" } } });
  const { password, token } = server.secrets;
  const login = await inTerminal(["login"], [["Password for oscar", `${password.value}\r`]]);
  expect(login).toMatchObject({ code: 0, screen: expect.not.stringMatching(/User ?name/i) });
  password.checkFiles(tokensPath);
  server.check(login, await run(["status"]), await run(["explain"]));
  expect(await run(["token"])).toMatchObject({ code: 0, stdout: `${token.value}\n` });
  expect((await run(["logout"])).code).toBe(0);
  expect(server.log()).toEqual(["POST /api/v1/auth/token", "POST /api/v1/auth/invalidate-token"]);
  expect((await run(["token"])).code).toBe(3);
});

test("jamf-pro without a user name asks for both", async () => {
  const server = await jamfServer();
  const { inTerminal, configure } = sandbox();
  configure({ jamf: { grant: { type: "jamf-pro", server: server.origin } } });
  const login = await inTerminal(
    ["login"],
    [
      ["User", "oscar\r"],
      ["Password", `${server.secrets.password.value}\r`],
    ],
  );
  expect(login.code).toBe(0);
  server.check(login);
});

test("jamf-pro, an API client: its id is known, its secret comes from the environment or is asked for", async () => {
  const server = await jamfServer();
  const { inTerminal, run } = sandbox();
  const add = ["profiles", "add", "--grant", "jamf-pro", "--url", server.origin, "--client-id", "cid"];
  expect((await run([...add, "ci", "--credentials", "env:JAMF_SECRET"])).code).toBe(0);
  expect((await run([...add, "me"])).code).toBe(0);
  const { secret, token } = server.secrets;
  const env = { JAMF_SECRET: secret.value };
  expect(await run(["token", "ci"], { env })).toMatchObject({ code: 0, stdout: `${token.value}\n` });
  const login = await inTerminal(["login", "me"], [["ecret", `${secret.value}\r`]]);
  expect(login.code).toBe(0);
  expect(server.asked.map(({ form }) => form["client_id"])).toEqual(["cid", "cid"]);
  server.check(login);
});

/** Yamcs: sessions of users, and service accounts. */
async function yamcsServer() {
  const secrets = { password: canary("password"), secret: canary("secret"), refresh: canary("refresh") };
  let count = 0;
  const server = await standIn(({ what, form }) => {
    if (what !== "POST /auth/token") return undefined;
    const isUser = form["username"] === "oscar" && form["password"] === secrets.password.value;
    const isRenewal = form["refresh_token"] === secrets.refresh.value;
    const isService = form["client_secret"] === secrets.secret.value && form["become"] === "operator";
    if (!(isUser || isRenewal || isService)) return { status: 401, body: { msg: "no" } };
    const body = { access_token: `access-${++count}`, token_type: "bearer", expires_in: 500 };
    return { body: isService ? body : { ...body, refresh_token: secrets.refresh.value } };
  });
  return {
    ...server,
    secrets,
    check: (...seen: unknown[]) => {
      for (const secret of Object.values(secrets)) secret.check(...seen);
    },
  };
}

test("yamcs, a user account: the login is the one of Yamcs' command line", async () => {
  const server = await yamcsServer();
  const { inTerminal, run, home, write } = sandbox();
  const add = ["profiles", "add", "yamcs", "--grant", "yamcs", "--url", server.origin];
  expect((await run([...add, "--username", "oscar", "--store", "shared"])).code).toBe(0);
  const { password } = server.secrets;
  const login = await inTerminal(["login"], [["Password for oscar", `${password.value}\r`]]);
  expect(login).toMatchObject({ code: 0, screen: expect.not.stringMatching(/User ?name/i) });
  const path = join(home, ".config/yamcs-cli/credentials");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const kept = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  expect(kept).toMatchObject({ access_token: "access-1", refresh_token: server.secrets.refresh.value });
  password.checkFiles(path);

  expect((await run(["token"])).stdout).toBe("access-1\n");
  // What the other program writes is used where its configuration says for which server that is.
  write(".config/yamcs-cli/credentials", JSON.stringify({ ...kept, access_token: "theirs" }));
  expect((await run(["token"])).stdout).toBe("");
  write(".config/yamcs-cli/config", `[core]\nurl = ${server.origin}\n`);
  expect((await run(["token"])).stdout).toBe("theirs\n");
  expect((await run(["token", "--force-refresh"])).stdout).toBe("access-2\n");
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ access_token: "access-2" });
  server.check(login, await run(["status"]), await run(["explain"]));
});

test("yamcs, a service account acts as a user", async () => {
  const server = await yamcsServer();
  const { run, configure } = sandbox();
  const grant = { type: "yamcs", url: server.origin, clientId: "svc", become: "operator" } as const;
  configure({ svc: { grant, credentials: "env:SVC_SECRET" } });
  const env = { SVC_SECRET: server.secrets.secret.value };
  expect((await run(["token"], { env })).stdout).toBe("access-1\n");
  expect(server.asked[0]?.form).toMatchObject({ grant_type: "client_credentials", client_id: "svc" });
  // The command line of Yamcs keeps logins of users.
  configure({ svc: { grant, credentials: "env:SVC_SECRET", store: { type: "shared" } } });
  expect(await run(["token"], { env })).toMatchObject({ code: 6, stdout: "" });
});

/** Descartes Labs: a refresh token that never changes buys tokens that say themselves when they end. */
async function iamServer() {
  const secret = canary("refresh");
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1_000) + 7_200;
  const jwt = `${part({ alg: "none" })}.${part({ aud: "cid", sub: "google|1", exp })}.x`;
  const server = await standIn(({ what, body }) => {
    if (what !== "POST /token") return undefined;
    const asked = JSON.parse(body) as Record<string, unknown>;
    return asked["refresh_token"] === secret.value
      ? { body: { access_token: jwt } }
      : { status: 401, body: {} };
  });
  const pasted = part({ client_id: "cid", refresh_token: secret.value });
  return { ...server, secret, jwt, pasted, json: { client_id: "cid", client_secret: secret.value } };
}

test("descartes-labs: a pasted text is the login of its own client, whose file is used and deleted", async () => {
  const server = await iamServer();
  const { inTerminal, run, configure, home, write } = sandbox();
  configure({ dl: { grant: { type: "descartes-labs", domain: server.origin } } });
  expect(await run(["token"])).toMatchObject({ code: 4, stdout: "" });
  expect(await run(["login"])).toMatchObject({ code: 3, stdout: "" });

  const question = "Text of the page";
  const login = await inTerminal(
    ["login"],
    [
      [question, "nonsense\r"],
      ["Once more", ""],
      [question, `${server.pasted}\r`],
    ],
  );
  expect(login.code).toBe(0);
  expect(login.screen).toContain("https://app.descarteslabs.com/");
  const path = join(home, ".descarteslabs/token_info.json");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ client_id: "cid", jwt_token: server.jwt });
  expect((await run(["token"])).stdout).toBe(`${server.jwt}\n`);
  expect(server.log()).toEqual(["POST /token"]);
  const explained = await run(["explain"]);
  expect(explained.stdout).toContain("← used");
  server.secret.check(login, explained, await run(["status"]));

  expect((await run(["logout"])).code).toBe(0);
  expect(existsSync(path)).toBe(false);
  write(
    ".descarteslabs/token_info.json",
    JSON.stringify({ ...server.json, refresh_token: server.secret.value }),
  );
  expect((await run(["token"])).stdout).toBe(`${server.jwt}\n`); // what its own client has logged in
});

test("descartes-labs: the text from standard input; a wrong one keeps the login that is there", async () => {
  const server = await iamServer();
  const { run, configure, home } = sandbox();
  const path = join(home, "mine.json");
  configure({
    dl: { grant: { type: "descartes-labs", domain: server.origin }, store: { type: "shared", path } },
  });
  expect((await run(["login", "--stdin"], { stdin: `${server.pasted}\n` })).code).toBe(0);
  const before = readFileSync(path, "utf8");
  const wrong = canary("wrong");
  const ran = await run(["login", "--stdin"], { stdin: wrong.value });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  wrong.check(ran);
  expect(readFileSync(path, "utf8")).toBe(before);
});

test("descartes-labs with credentials of its own keeps tokens as every profile does", async () => {
  const server = await iamServer();
  const { run, configure, home } = sandbox();
  const grant = { type: "descartes-labs", domain: server.origin, clientId: "cid" } as const;
  configure({ dl: { grant, credentials: "env:DL_SECRET" } });
  const env = { DL_SECRET: server.secret.value };
  for (const _ of [1, 2]) expect((await run(["token"], { env })).stdout).toBe(`${server.jwt}\n`);
  expect(server.log()).toEqual(["POST /token"]);
  expect(existsSync(join(home, ".descarteslabs"))).toBe(false);
});

test("a shared store is for services that have one", async () => {
  const { run, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: "env:T", store: { type: "shared" } } });
  const ran = await run(["token"], { env: { T: "x" } });
  expect(ran).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining('"shared"') });
});
