import { AccessToken, Secret, type TokenSet } from "@auth/core";
import { canary } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientCredentials, refreshToken } from "../src/index.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import {
  json,
  raw,
  type Script,
  type ScriptedServer,
  scriptedServer,
  status,
  token,
} from "./scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const secret = canary("client-secret");
const credential = {
  type: "client-secret",
  clientId: "app",
  clientSecret: new Secret(secret.value),
} as const;

/** Serves this metadata at one place, and tokens at /token. */
function metadata(document: unknown, place = "/.well-known/openid-configuration"): Script {
  return (response, request) => {
    if (request.path === place) return json(document)(response, request);
    return (request.path === "/token" ? token() : status(404))(response, request);
  };
}
const paths = (from: number): string[] => server.requests.slice(from).map(({ path }) => path);

async function discover(script: Script, issuer = server.origin) {
  server.answer(script);
  const before = server.requests.length;
  const outcome = await clientCredentials({ issuer, timeoutMs: 60_000 })
    .exchange(credential, testContext({ clock: hastyClock() }))
    .then(
      () => "found",
      (error: unknown) => error,
    );
  secret.check(outcome);
  return { outcome, paths: paths(before) };
}

describe("where metadata is looked for", () => {
  const good = (issuer: string) => ({ issuer, token_endpoint: `${server.origin}/token` });

  test.each<[string, string, string[]]>([
    ["", "/.well-known/openid-configuration", []],
    ["", "/.well-known/oauth-authorization-server", ["/.well-known/openid-configuration"]],
    ["/tenant", "/tenant/.well-known/openid-configuration", []],
    [
      "/tenant",
      "/.well-known/oauth-authorization-server/tenant",
      ["/tenant/.well-known/openid-configuration"],
    ],
    ["/", "/.well-known/openid-configuration", []],
  ])("issuer path %j: %s", async (path, place, before) => {
    const issuer = server.origin + path;
    const found = await discover(metadata(good(issuer), place), issuer);
    expect(found).toEqual({ outcome: "found", paths: [...before, place, "/token"] });
  });

  test("nowhere: an error that says what to give instead", async () => {
    const { outcome, paths } = await discover(status(404));
    expect(outcome).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "no-metadata" });
    expect((outcome as Error).message).toContain("tokenEndpoint");
    expect(paths).toHaveLength(2);
  });

  test("SEC-37 the request asks for JSON past every cache", async () => {
    await discover(metadata(good(server.origin)));
    const { method, headers } = server.requests.at(-2) ?? {};
    expect({ method, accept: headers?.accept, cache: headers?.["cache-control"] }).toEqual({
      method: "GET",
      accept: "application/json",
      cache: "no-store",
    });
  });
});

describe("SEC-36 metadata that is not the issuer's own", () => {
  test.each<[string, (origin: string) => unknown]>([
    ["a slash more", (origin) => `${origin}/`],
    ["other case", (origin) => origin.replace("http", "HTTP")],
    ["the default port written out", () => "http://127.0.0.1:80"],
    ["a path more", (origin) => `${origin}/tenant`],
    ["another host", () => "https://evil.example/text-of-its-own?q"],
    ["its letters written otherwise", (origin) => origin.replace("127", "%3127")],
  ])("SEC-36 %s: nothing is sent to its endpoints", async (_, issuer) => {
    const document = { issuer: issuer(server.origin), token_endpoint: `${server.origin}/token` };
    const { outcome, paths } = await discover(metadata(document));
    expect(outcome).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "issuer-mismatch" });
    expect((outcome as Error).message).not.toContain("text-of-its-own"); // an origin may be shown, and no more
    expect(paths).toEqual(["/.well-known/openid-configuration"]);
  });

  test.each<[string, Script]>([
    ["HTML", raw("<html>", { "content-type": "text/html" })],
    ["a doubled issuer", json('{"issuer":"a","issuer":"b"}')],
    ["a list", json([])],
    ["JSON of something else", json({ status: "ok" })],
    [
      "a list where the issuer should be",
      json({ issuer: ["https://idp.example"], token_endpoint: "https://idp.example/t" }),
    ],
  ])("SEC-30 %s is malformed", async (_, script) => {
    const { outcome, paths } = await discover(script);
    expect(outcome).toMatchObject({ reason: "malformed-response" });
    expect((outcome as Error).message).not.toContain("another");
    expect(paths).toEqual(["/.well-known/openid-configuration"]);
  });

  test("SEC-36 how two issuers differ is said, a slash at the end above all", async () => {
    const say = async (theirs: string, ours: string): Promise<string> => {
      const document = { issuer: theirs, token_endpoint: `${server.origin}/token` };
      const place = `${new URL(ours).pathname.replace(/\/$/, "")}/.well-known/openid-configuration`;
      return ((await discover(metadata(document, place), ours)).outcome as Error).message;
    };
    const { origin } = server;
    expect(await say(`${origin}/`, origin)).toContain(
      `calls its issuer "${origin}/", and configured is "${origin}". Write it as the server does, with a slash at the end.`,
    );
    expect(await say(origin, `${origin}/`)).toContain("without a slash at the end");
    expect(await say(`${origin}/realms/b`, `${origin}/realms/a`)).toContain(`"${origin}/realms/b"`);
    for (const odd of [`${origin}/?x=1`, `${origin}/#x`, `http://u:p@${origin.slice(7)}/`, "nonsense"])
      expect(await say(odd, origin)).not.toContain(odd);
  });

  test.each<[string, object]>([
    ["no token endpoint", {}],
    ["a token endpoint that is no URL", { token_endpoint: "/token" }],
    ["a token endpoint that is no string", { token_endpoint: 1 }],
    [
      "a revocation endpoint that is no URL",
      { token_endpoint: "https://a.example", revocation_endpoint: "x" },
    ],
  ])("SEC-36 %s is malformed", async (_, fields) => {
    const { outcome } = await discover(metadata({ issuer: server.origin, ...fields }));
    expect(outcome).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "malformed-response" });
  });
});

describe("SEC-54 one discovery for all", () => {
  const good = () => ({ issuer: server.origin, token_endpoint: `${server.origin}/token` });
  const wellKnown = (from: number) => paths(from).filter((path) => path.includes("well-known")).length;

  test("SEC-54 a failure reaches everybody and is then forgotten", async () => {
    server.answer(status(404));
    const grant = clientCredentials({ issuer: server.origin });
    const errors = await Promise.all([1, 2, 3].map(() => failure(grant.exchange(credential, testContext()))));
    expect(new Set(errors).size).toBe(1);

    server.answer(metadata(good()));
    await grant.exchange(credential, testContext());
    const before = server.requests.length;
    await grant.exchange(credential, testContext());
    expect(paths(before)).toEqual(["/token"]);
  });

  test("SEC-28 SEC-54 whoever began may leave without taking the others along", async () => {
    const asked = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    server.answer((response, request) => {
      asked.resolve();
      void held.promise.then(() => metadata(good())(response, request));
    }, metadata(good()));
    const grant = clientCredentials({ issuer: server.origin });
    const controller = new AbortController();
    const before = server.requests.length;
    const first = failure(grant.exchange(credential, testContext({ signal: controller.signal })));
    await asked.promise;
    const second = grant.exchange(credential, testContext());
    controller.abort("gone");
    expect(await first).toBe("gone");
    expect((await second).accessToken.type).toBe("Bearer");
    expect(wellKnown(before)).toBe(2);
    held.resolve();
  });

  test("SEC-28 and a waiter may leave without ending the discovery", async () => {
    const held = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    server.answer((response, request) => {
      asked.resolve();
      void held.promise.then(() => metadata(good())(response, request));
    }, metadata(good()));
    const grant = clientCredentials({ issuer: server.origin });
    const before = server.requests.length;
    const first = grant.exchange(credential, testContext());
    await asked.promise;
    const controller = new AbortController();
    const second = failure(grant.exchange(credential, testContext({ signal: controller.signal })));
    controller.abort("gone");
    expect(await second).toBe("gone");
    const third = grant.exchange(credential, testContext());
    held.resolve();
    await Promise.all([first, third]);
    expect(wellKnown(before)).toBe(1);
  });
});

describe("SEC-36 a refresh token goes back where it came from", () => {
  const stored = (extra?: Record<string, unknown>): TokenSet => ({
    accessToken: new AccessToken("old"),
    refreshToken: new Secret(secret.value),
    ...(extra && { extra }),
  });
  const here = () => ({ issuer: server.origin, tokenOrigin: server.origin, clientId: "app" });
  const grant = () =>
    refreshToken({ issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "app" });

  test.each(["issuer", "tokenOrigin", "clientId"])("SEC-36 another %s: nothing is sent", async (name) => {
    server.answer(token());
    const before = server.requests.length;
    for (const work of ["refresh", "revoke"] as const) {
      const options = {
        issuer: server.origin,
        tokenEndpoint: server.tokenEndpoint,
        revocationEndpoint: server.tokenEndpoint,
      };
      const bound = refreshToken({ ...options, clientId: "app" });
      const tokens = stored({ ...here(), [name]: "https://other.example" });
      const error = await failure(Promise.resolve(bound[work]?.(tokens, testContext())));
      expect(error).toMatchObject({ code: "ERR_AUTH_INTERACTION_REQUIRED", reason: "issuer-changed" });
      secret.check(error);
    }
    expect(paths(before)).toEqual([]);
  });

  test("SEC-36 the endpoint may have moved since the login: metadata decides", async () => {
    server.answer(metadata({ issuer: server.origin, token_endpoint: "https://new.example/token" }));
    const before = server.requests.length;
    const work = refreshToken({ issuer: server.origin, clientId: "app" }).refresh?.(
      stored(here()),
      testContext(),
    );
    expect(await failure(work as Promise<unknown>)).toMatchObject({ reason: "issuer-changed" });
    expect(paths(before)).toEqual(["/.well-known/openid-configuration"]);
  });

  test("SEC-36 the same place gets it", async () => {
    server.answer(token());
    for (const extra of [here(), { issuer: server.origin, clientId: "app" }, undefined])
      expect((await grant().refresh?.(stored(extra), testContext()))?.extra).toEqual(here());
  });

  test("a stored set tells the client where nothing else does", async () => {
    server.answer(token());
    const nameless = refreshToken({ issuer: server.origin, tokenEndpoint: server.tokenEndpoint });
    await nameless.refresh?.(stored(here()), testContext());
    expect(new URLSearchParams(server.requests.at(-1)?.body).get("client_id")).toBe("app");
    const error = await failure(Promise.resolve().then(() => nameless.refresh?.(stored(), testContext())));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "client-missing" });
  });
});
