import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { apiKey, basic, bearer, createAuth, fixed, Secret } from "@auth/core";
import { expect, onTestFinished, test } from "vitest";
import {
  authInfo,
  credentialsFile,
  fromEnvironment,
  kerberos,
  serviceAccount,
  storedTokens,
  userAccount,
  whoAmI,
} from "../src/index.ts";
import { secureServer } from "./support/secure-server.ts";
import {
  clientSecret,
  credential,
  failure,
  forms,
  oddService,
  shown,
  type World,
  world,
} from "./support/world.ts";
import { user } from "./support/yamcs-server.ts";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const [, table = ""] = /^## Coming from the client for Python\n(.*?)^## /ms.exec(page) ?? [];
const rows = [...table.matchAll(/^\| (`.*?) \| (.*) \|$/gm)].map(
  ([, there = "", here = ""]) => [there, here] as const,
);

const credentials = credential(user.username, user.password);
const stored = (access: string, refresh = "r") =>
  fixed({
    type: "refresh-token",
    accessToken: new Secret(access),
    refreshToken: new Secret(refresh),
  } as const);
const dead = "http://127.0.0.1:1";
const once = { attempts: { notProcessed: 1 } };

function inFile(url: string): ReturnType<typeof credentialsFile> {
  const home = mkdtempSync(join(tmpdir(), "yamcs-home-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  return credentialsFile({ url, path: join(home, "credentials") });
}

/** Who the server takes us for. */
const seenAs = async ({ server }: World, auth: ReturnType<typeof createAuth>): Promise<string> =>
  (await whoAmI(auth, server)).name;

/** What proves each row of the table. */
const proofs: Record<string, (here: World) => Promise<unknown>> = {
  "Credentials(username, password)": async (here) => {
    expect(await seenAs(here, createAuth({ grant: userAccount(here.server), credentials }))).toBe("admin");
  },
  "Credentials(access_token)": async (here) => {
    const token = new Secret((await here.auth().getToken()).reveal());
    const one = createAuth({ grant: bearer(), credentials: fixed({ type: "access-token", token } as const) });
    expect(await seenAs(here, one)).toBe("admin");
  },
  "Credentials(access_token, refresh_token, expiry)": async ({ auth, server }) => {
    const one = auth({ grant: storedTokens(server), credentials: stored("kept") });
    expect((await one.getToken()).reveal()).toBe("kept");
  },
  "Credentials(client_id, client_secret, become)": async (here) => {
    expect(await seenAs(here, here.asService())).toBe("operator");
  },
  "BasicAuthCredentials(username, password)": async (here) => {
    expect(await seenAs(here, createAuth({ grant: basic(), credentials }))).toBe("admin");
    expect(shown(here.server)[0]).toMatch(/^Basic /);
  },
  "APIKeyCredentials(key)": async (here) => {
    here.server.apiKeys.add("k");
    const key = fixed({ type: "api-key", key: new Secret("k") } as const);
    expect(await seenAs(here, createAuth({ grant: apiKey(), credentials: key }))).toBe("admin");
  },
  "KerberosCredentials()": async (here) => {
    here.server.tickets.set("t", "operator");
    const grant = kerberos({ url: here.server.url, username: "operator", negotiate: async () => "t" });
    expect(await seenAs(here, createAuth({ grant }))).toBe("operator");
  },
  "Credentials.username, Credentials.password": async ({ auth }) => {
    await auth().getToken();
    expect(await credentials.get()).toMatchObject({ type: "password", username: "admin" });
  },
  "Credentials.access_token": async ({ auth }) => {
    const one = auth();
    const token = await one.getToken();
    expect(one.peek()?.reveal()).toBe(token.reveal());
  },
  "Credentials.refresh_token": async ({ auth, server }) => {
    const one = auth();
    await one.getToken();
    await one.getToken({ forceRefresh: true });
    expect(JSON.stringify([one, await one.status()])).not.toContain(forms(server)[1]?.["refresh_token"]);
  },
  "Credentials.expiry": async ({ auth, clock }) => {
    const one = auth();
    await one.getToken();
    expect(one.peek()?.expiresAt?.getTime()).toBe(clock.now() + 500_000);
  },
  "Credentials.client_id, Credentials.client_secret, Credentials.become": async ({ asService, server }) => {
    await asService({
      grant: serviceAccount({ url: server.url, become: "operator" }),
      credentials: clientSecret(oddService.id, oddService.secret),
    }).getToken();
    const { id: client_id, secret: client_secret } = oddService;
    expect(forms(server)[0]).toEqual({
      grant_type: "client_credentials",
      client_id,
      client_secret,
      become: "operator",
    });
  },
  "Credentials.login(session, auth_url, on_token_update)": async ({ auth, told }) => {
    await auth().login();
    expect(told()).toEqual(["read", "login"]);
  },
  "Credentials.is_expired()": async ({ auth, clock }) => {
    const one = auth();
    await one.getToken();
    expect(one.peek() === undefined).toBe(false);
    await clock.advance(500_000);
    expect(one.peek() === undefined).toBe(true);
  },
  "Credentials.refresh(session, auth_url)": async ({ auth, server }) => {
    const one = auth();
    const before = await one.getToken();
    expect((await one.getToken({ forceRefresh: true })).reveal()).not.toBe(before.reveal());
    expect(forms(server)[1]?.["grant_type"]).toBe("refresh_token");
  },
  "Credentials.before_request(session, auth_url)": async ({ auth, clock, server }) => {
    const one = auth();
    await one.getToken();
    await clock.advance(501_000);
    const headers = new Headers();
    const token = await one.authorize({ method: "GET", url: server.url, headers });
    expect(headers.get("authorization")).toBe(`Bearer ${token.reveal()}`);
    expect(forms(server)).toHaveLength(2);
  },
  "YamcsClient(address)": async ({ server }) => {
    expect((await authInfo({ url: server.url.replace("http://", "") })).requireAuthentication).toBe(true);
  },
  "YamcsClient(tls)": async ({ server }) => {
    const { host } = new URL(server.url);
    expect(userAccount({ url: host, tls: true }).name).toBe(`yamcs https://${host}`);
  },
  "yamcs login, ~/.config/yamcs-cli/credentials": async ({ auth, server }) => {
    const store = inFile(server.url);
    await auth({ store }).login();
    expect((await auth({ store, credentials: undefined, name: "any" }).getToken()).type).toBe("Bearer");
    expect(forms(server)).toHaveLength(1);
  },
  "yamcs logout": async ({ auth, server }) => {
    const store = inFile(server.url);
    await auth({ store }).login();
    expect((await auth({ store, credentials: undefined, name: "any" }).logout()).complete).toBe(true);
    expect(await store.read("any")).toBeUndefined();
  },
  "YamcsClient(tls_verify)": async () => {
    await using server = await secureServer();
    const ask = `import { authInfo } from "@auth/yamcs";
      const asked = authInfo({ url: ${JSON.stringify(server.url)}, attempts: { notProcessed: 1 } });
      console.log(await asked.then(({ spnego }) => spnego, ({ code, reason }) => code + "/" + reason));`;
    const run = async (env: Record<string, string>): Promise<string> => {
      const options = ["--conditions=src", "--no-warnings", "--input-type=module", "--eval", ask];
      return (
        await promisify(execFile)(process.execPath, options, { cwd: import.meta.dirname, env })
      ).stdout.trim();
    };
    expect(await run({})).toBe("ERR_AUTH_UNREACHABLE/network");
    expect(await run({ NODE_EXTRA_CA_CERTS: server.authority })).toBe("false");
    expect(server.asked()).toBe(1);
  },
  "YamcsClient(credentials)": async (here) => {
    expect(await seenAs(here, here.auth({ credentials: credential("operator", "operator") }))).toBe(
      "operator",
    );
  },
  "YamcsClient(user_agent)": async ({ auth, server }) => {
    await auth({ grant: userAccount({ url: server.url, userAgent: "console 3" }) }).getToken();
    expect(server.received[0]?.headers["user-agent"]).toBe("console 3");
  },
  "YamcsClient(keep_alive)": async ({ auth, clock, server }) => {
    const one = auth({ policy: { renewWhenIdle: false } });
    await one.getToken();
    await clock.advance(400_000);
    expect(forms(server)).toHaveLength(1);
    expect(userAccount(server).policy).toEqual({ renewWhenIdle: true });
  },
  "YamcsClient(on_token_update)": async ({ auth, told }) => {
    const one = auth();
    await one.getToken();
    await one.getToken({ forceRefresh: true });
    expect(told()).toEqual(["read", "renewed", "read", "renewed"]);
  },
  "YamcsClient.from_environment()": async (here) => {
    here.server.apiKeys.add("k");
    const { url: _, ...options } = fromEnvironment({
      env: { YAMCS_URL: here.server.url, YAMCS_API_KEY: "k" },
    });
    expect(await seenAs(here, createAuth(options))).toBe("admin");
  },
  "YamcsClient.get_auth_info(), AuthInfo.require_authentication": async ({ server }) => {
    server.requireAuthentication = false;
    expect((await authInfo(server)).requireAuthentication).toBe(false);
  },
  "YamcsClient.get_user_info(), UserInfo": async ({ auth, server }) => {
    expect(Object.keys(await whoAmI(auth(), server))).toContain("name");
  },
  "UserInfo.username": async ({ auth, server }) => {
    expect(await whoAmI(auth(), server)).toHaveProperty("name", "admin");
  },
  "UserInfo.superuser": async ({ auth, server }) => {
    expect(await whoAmI(auth(), server)).toHaveProperty("superuser", true);
  },
  "UserInfo.system_privileges": async ({ auth, server }) => {
    server.answers.set("/api/user", { body: { name: "n", systemPrivileges: ["ReadTables"] } });
    expect(await whoAmI(auth(), server)).toHaveProperty("systemPrivileges", ["ReadTables"]);
  },
  "UserInfo.object_privileges": async ({ auth, server }) => {
    const objectPrivileges = [{ type: "Command", objects: ["/a"] }];
    server.answers.set("/api/user", { body: { name: "n", objectPrivileges } });
    expect(await whoAmI(auth(), server)).toHaveProperty("objectPrivileges", objectPrivileges);
  },
  "YamcsClient.close()": async ({ auth, clock }) => {
    const one = auth({ policy: {} });
    await one.getToken();
    expect(clock.pending).toHaveLength(1);
    await one[Symbol.asyncDispose]();
    expect(clock.pending).toEqual([]);
  },
  YamcsError: async ({ auth, server, until }) => {
    server.answers.set("/auth/token", { status: 500, body: "" });
    expect(await failure(until(auth().getToken()))).toBe("UNREACHABLE/server-error");
  },
  Unauthorized: async ({ auth, server }) => {
    expect(await failure(auth({ credentials: credential("admin", "no") }).getToken())).toBe(
      "GRANT/credential-rejected",
    );
    const one = auth({ grant: storedTokens(server), credentials: stored("a", "no") });
    one.reject(await one.getToken());
    expect(await failure(one.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
    expect(
      await failure(
        whoAmI(
          auth({
            grant: bearer(),
            credentials: fixed({ type: "access-token", token: new Secret("x") } as const),
          }),
          server,
        ),
      ),
    ).toBe("GRANT/credential-rejected");
  },
  NotFound: async ({ auth, api, server }) => {
    server.answers.set("/api/nothing", { status: 404, body: "" });
    expect((await api(auth(), "/api/nothing")).status).toBe(404);
  },
  ConnectionFailure: async ({ auth, until }) => {
    const grant = userAccount({ url: dead, ...once });
    expect(await failure(until(auth({ grant }).getToken()))).toBe("UNREACHABLE/network");
  },
  TimeoutError: async ({ auth, clock, server }) => {
    server.answers.set("/auth/token", { body: null });
    expect(await failure(clock.until(auth().getToken()))).toBe("UNREACHABLE/timeout");
  },
};

const plain = (cell: string): string => cell.replaceAll("`", "");

test.each(rows)("the client for Python: %s is %s", async (there) => {
  const proof = proofs[plain(there)];
  expect.hasAssertions();
  await proof?.(await world());
});

test("every row is proven, and every proof has a row", () => {
  const named = rows.map(([there]) => plain(there));
  expect(new Set(Object.keys(proofs))).toEqual(new Set(named));
});
