import { readFileSync } from "node:fs";
import { isAuthError } from "@auth/core";
import { setDefaultAuth } from "@auth/core/default";
import { createFetch } from "@auth/fetch";
import { expect, onTestFinished, test } from "vitest";
import { fromEnvironmentOrTokenJson, getDefaultAuth, identityOf, logIn } from "../src/index.ts";
import { cid, sec } from "./support/iam-server.ts";
import {
  cachePath,
  failure,
  info,
  infoPath,
  pair,
  shared,
  thrownBy,
  type World,
  world,
} from "./support/world.ts";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const [, section = ""] = /^## Coming from the client for Python\n(.*?)^## /ms.exec(page) ?? [];
const named = [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, name]) => name as string).slice(1);

const body = async ({ open, server }: World, options: object): Promise<unknown> => {
  await open({ ...pair, tokenInfoPath: null, ...options }).getToken();
  return server.received.at(-1)?.body;
};
const statusOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error = await thrownBy(work);
  return isAuthError(error) && [error.code, error.reason, error.status];
};
const claims = { email: "A@x", org: "o", groups: ["g", "o:org-admin", "r:resource-admin"] };
const identity = async ({ open, token }: World): Promise<ReturnType<typeof identityOf>> =>
  identityOf(await open({ jwtToken: token(3_600, claims) }).getToken());
const user = "user:20c90de9751087eb65e1c28674271ee417a7db03";

/** What the README says of each name of the client for Python. */
const rows: Readonly<Record<string, (at: World) => Promise<void>>> = {
  "`Auth()`": async ({ open, put, token }) => {
    put(infoPath, { ...info, jwt_token: token(3_600) });
    expect((await open().getToken()).reveal()).toBe(token(3_600));
  },
  "`Auth.from_environment_or_token_json()`": async ({ server, clock, token }) => {
    const env = { DESCARTESLABS_TOKEN: token(3_600) };
    const auth = fromEnvironmentOrTokenJson({ domain: server.url, clock, env });
    expect((await auth.getToken()).reveal()).toBe(token(3_600));
  },
  "`domain`": async (at) => {
    expect(at.open({ domain: "https://iam.example" }).name).toBe("descartes-labs https://iam.example");
  },
  "`scope`": async (at) => {
    expect(await body(at, { scope: ["a", "b"] })).toMatchObject({ scope: "a b" });
  },
  "`leeway`, in s": async ({ open, token, asked }) => {
    await open({ ...pair, jwtToken: token(50), leewayMs: 40_000 }).getToken();
    expect(asked()).toBe(0);
    await open({ ...pair, jwtToken: token(50), leewayMs: 60_000 }).getToken();
    expect(asked()).toBe(1);
  },
  "`token_info_path`": async ({ open, put, token, list }) => {
    const tokenInfoPath = put("t.json", { ...info, jwt_token: token(3_600) });
    expect((await open({ tokenInfoPath }).getToken()).reveal()).toBe(token(3_600));
    await open({ ...pair, tokenInfoPath: null }).getToken();
    expect(list(".descarteslabs")).toEqual([]);
    await open(pair).getToken();
    expect(shared(list(".descarteslabs"))).toHaveLength(1);
  },
  "`client_id`": async (at) => {
    expect(await body(at, { clientId: "other" })).toMatchObject({ client_id: "other" });
  },
  "`client_secret`": async (at) => {
    expect(await body(at, { clientSecret: sec })).toMatchObject({ refresh_token: sec });
  },
  "`jwt_token`": async ({ open, token, read }) => {
    const auth = open({ ...pair, jwtToken: token(3_600) });
    expect((await auth.getToken()).reveal()).toBe(token(3_600));
    expect(read(cachePath)).toEqual({ jwt_token: token(3_600) });
  },
  "`refresh_token`": async (at) => {
    expect(await body(at, { clientSecret: "no", refreshToken: sec })).toMatchObject({ refresh_token: sec });
  },
  "`retries`": async ({ open, server, clock, asked }) => {
    server.always = { status: 503, body: "" };
    await clock.until(failure(open({ ...pair, retries: 1, attempts: {} }).getToken()));
    expect(asked()).toBe(2);
  },
  "`auth.token`": async ({ open, token }) => {
    expect((await open({ jwtToken: token(3_600) }).getToken()).reveal()).toBe(token(3_600));
  },
  "`auth.payload`": async (at) => {
    expect((await identity(at)).payload).toMatchObject({ ...claims, sub: "some|user", aud: cid });
  },
  "`auth.namespace`": async (at) => {
    expect((await identity(at)).namespace).toBe(user.slice("user:".length));
  },
  "`auth.all_acl_subjects`": async (at) => {
    const { allAclSubjects } = await identity(at);
    expect(allAclSubjects).toEqual([user, "email:a@x", "org:o", "group:g", "group:o:org-admin"]);
  },
  "`auth.all_acl_subjects_as_set`": async (at) => {
    const { allAclSubjects, allAclSubjectsAsSet } = await identity(at);
    expect(allAclSubjectsAsSet).toEqual(new Set(allAclSubjects));
  },
  "`auth.all_owner_acl_subjects`": async (at) => {
    expect((await identity(at)).allOwnerAclSubjects).toEqual([user, "org:o", "access-id:r"]);
  },
  "`auth.all_owner_acl_subjects_as_set`": async (at) => {
    expect((await identity(at)).allOwnerAclSubjectsAsSet).toEqual(new Set([user, "org:o", "access-id:r"]));
  },
  "`auth.get_org_admins()`, `auth.get_resource_admins()`": async (at) => {
    const { allOwnerAclSubjects } = await identity(at);
    expect(allOwnerAclSubjects.filter((each) => !each.startsWith("user:"))).toEqual(["org:o", "access-id:r"]);
  },
  "`auth.session`, `auth.build_session()`": async ({ open, server, token }) => {
    const auth = open({ jwtToken: token(3_600) });
    await createFetch(auth, { origins: [server.url] })(`${server.url}/images`);
    expect(server.received[0]?.headers.authorization).toBe(`Bearer ${token(3_600)}`);
  },
  "`Auth.get_default_auth()`": async () => {
    onTestFinished(() => setDefaultAuth(undefined));
    expect(getDefaultAuth()).toBe(getDefaultAuth());
  },
  "`Auth.set_default_auth(auth)`": async ({ open }) => {
    onTestFinished(() => setDefaultAuth(undefined));
    const auth = open();
    setDefaultAuth(auth);
    expect(getDefaultAuth()).toBe(auth);
  },
  "`AuthError`": async ({ open }) => {
    expect(await failure(open().getToken())).toBe("NOT_FOUND/no-credential");
    expect(await failure(open({ clientId: cid }).getToken())).toBe("INVALID/half-credential");
  },
  "`AuthError`, unreadable token": async ({ open, server }) => {
    server.always = { body: { access_token: "opaque-text" } };
    const token = await open(pair).getToken();
    expect(() => identityOf(token)).toThrow(/^(?!.*opaque-text).*no JWT/);
  },
  "`OauthError`": async ({ open, server }) => {
    server.always = { body: {} };
    expect(await failure(open(pair).getToken())).toBe("INVALID/malformed-response");
  },
  "`UnauthorizedError`, `ForbiddenError`": async ({ open, server }) => {
    for (const status of [401, 403]) {
      server.always = { status, body: "" };
      expect(await statusOf(open(pair).getToken())).toEqual([
        "ERR_AUTH_GRANT",
        "credential-rejected",
        status,
      ]);
    }
  },
  "`BadRequestError` and others of 4xx": async ({ open, server }) => {
    for (const status of [400, 404, 405, 409, 410, 422]) {
      server.always = { status, body: "" };
      expect(await statusOf(open(pair).getToken())).toEqual(["ERR_AUTH_GRANT", "refused", status]);
    }
  },
  "`ProxyAuthenticationRequiredError`": async ({ open, server }) => {
    server.always = { status: 407, body: "" };
    expect(await failure(open(pair).getToken())).toBe("UNREACHABLE/network");
  },
  "`RateLimitError`, `ServerError`, `GatewayTimeoutError`, `RetryError`": async ({ open, server }) => {
    for (const [status, reason] of [
      [500, "server-error"],
      [504, "server-error"],
      [429, "rate-limited"],
    ] as const) {
      server.always = { status, headers: { "retry-after": "60" }, body: "" };
      expect(await statusOf(open(pair).getToken())).toEqual(["ERR_AUTH_UNREACHABLE", reason, status]);
    }
    expect(await thrownBy(open(pair).getToken())).toMatchObject({ retryAfterMs: 60_000 });
  },
  "`ConfigError`": async () => {
    expect(() => fromEnvironmentOrTokenJson({ env: { DESCARTESLABS_ENV: "mars" } })).toThrow(TypeError);
  },
  "`UserWarning`: authentication token mismatch": async ({ open, warnings }) => {
    open({ clientId: cid, clientSecret: "a", refreshToken: "b" });
    expect(warnings.map(({ reason }) => reason)).toEqual(["token-mismatch"]);
  },
  "`UserWarning`: no valid authentication info": async ({ open, warnings }) => {
    open({ clientId: cid });
    expect(warnings.map(({ reason }) => reason)).toEqual(["no-credentials"]);
    expect(await failure(open().getToken())).toBe("NOT_FOUND/no-credential");
  },
  "`UserWarning`: unable to read token info": async ({ open, put, home }) => {
    const error = await thrownBy(open({ tokenInfoPath: `${home}/none.json` }).getToken());
    expect(isAuthError(error, "ERR_AUTH_NOT_FOUND") && error.message).toContain(`${home}/none.json`);
    put(infoPath, "{");
    expect(await failure(open().getToken())).toBe("INVALID/store-corrupted");
  },
  "`UserWarning`: failed to save token": async ({ open, put, events }) => {
    put(".descarteslabs", "");
    await open(pair).getToken();
    expect(events.map(({ type }) => type)).toEqual(["read", "warning", "renewed"]);
  },
  "`descarteslabs auth login`": async ({ server, env, clock, read }) => {
    const paste = Buffer.from(JSON.stringify({ client_id: cid, client_secret: sec })).toString("base64url");
    await logIn({ domain: server.url, env, clock, ask: async () => paste });
    expect(read(infoPath)).toEqual(info);
  },
};

test("the README has a row for each of these names, and for no other", () => {
  expect(named).toEqual(Object.keys(rows));
});

test.each(Object.entries(rows))("there: %s", async (_, check) => {
  expect.hasAssertions();
  await check(await world());
});
