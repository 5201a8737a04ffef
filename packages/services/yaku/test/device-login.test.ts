import { getEventListeners } from "node:events";
import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { deviceLogin } from "../src/index.ts";
import { deviceGrant, type Reply } from "./support/identity-provider.ts";
import { failure, loggedIn, thrown, type World, world } from "./support/world.ts";

const pending: Reply = { status: 400, body: { error: "authorization_pending" } };
const slowDown: Reply = { status: 400, body: { error: "slow_down" } };
const device = (over: Record<string, unknown> = {}): Reply => ({
  body: {
    device_code: "dc",
    user_code: "BCDF-GHJK",
    verification_uri: "https://idp.example/device",
    expires_in: 600,
    ...over,
  },
});
const granted: Reply = {
  body: { access_token: "at", token_type: "Bearer", expires_in: 300, refresh_token: "rt" },
};

/** The pauses before each poll, in whole seconds. */
function gaps({ times }: World): number[] {
  const asked = times.filter(([path]) => path === "/device/auth" || path === "/token").map(([, at]) => at);
  return asked.slice(1).map((at, i) => Math.floor(at - (asked[i] ?? 0)));
}

test("yaku 1 the provider is learned from authinfo, without a token, and then from where that points", async () => {
  const at = await world();
  await at.drive(at.person().login({ interaction: at.typing() }));
  expect(at.yaku.received[0]).toMatchObject({ method: "GET", path: "/api/v1/service/authinfo" });
  expect(at.yaku.received[0]?.headers.authorization).toBeUndefined();
  expect(at.idp.received[0]).toMatchObject({ method: "GET", path: "/.well-known/openid-configuration" });
  expect(at.times[0]?.[0]).toBe("/api/v1/service/authinfo");
});

describe("yaku 2 authinfo that says nothing is an error that names its address and the cause, and nothing is stored", () => {
  test.each<[string, Reply, string]>([
    ["404", { status: 404, body: "no" }, "404"],
    ["HTML", { body: "<p>" }, "malformed-response"],
    ["another object", { body: { other: 1 } }, "wellKnownConfigUrl"],
  ])("%s", async (_, reply, cause) => {
    const at = await world();
    at.yaku.answers.set("/api/v1/service/authinfo", [reply]);
    const work = at.person().login({ interaction: at.typing() });
    expect(await at.drive(failure(work))).toBe("INVALID/no-authinfo");
    const error = await thrown(work);
    expect(String(error)).toContain(`${at.url}/service/authinfo`);
    expect(String(error)).toContain(cause);
    expect(at.exists()).toBe(false);
    expect(at.idp.received).toEqual([]);
  });
});

test("yaku 3 the device request: client, scope and a challenge, and nothing else", async () => {
  const at = await world();
  await at.drive(at.person().login({ interaction: at.typing() }));
  const [form] = at.idp.forms("/device/auth");
  expect(form).toEqual({
    client_id: "yaku-cli",
    scope: "openid",
    code_challenge_method: "S256",
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
  });
});

test("yaku 4 an administrator's login asks for the scope global, too", async () => {
  const at = await world();
  const auth = await loggedIn(at, ["global"]);
  expect((await at.idp.isActive((await auth.getToken()).reveal()))?.scope.split(" ").sort()).toEqual([
    "global",
    "openid",
  ]);
  at.idp.received.length = 0;
  await at.drive(auth.login({ interaction: at.typing() }));
  expect(at.idp.forms("/device/auth")[0]?.["scope"]?.split(" ").sort()).toEqual(["global", "openid"]);
});

test("yaku 5 every poll carries the same verifier, and the provider checks it", async () => {
  const at = await world();
  at.idp.answers.set("/token", [pending, pending, { status: 400, body: { error: "authorization_pending" } }]);
  const auth = at.person();
  const work = auth.login({
    interaction: async (step) => {
      await at.typing()(step);
      await at.clock.sleep(12_000);
      at.idp.answers.clear();
    },
  });
  await at.drive(work);
  const polls = at.idp.forms("/token");
  expect(polls.length).toBeGreaterThan(2);
  expect(new Set(polls.map((form) => form["code_verifier"])).size).toBe(1);
  for (const form of polls)
    expect(Object.keys(form).sort()).toEqual(["client_id", "code_verifier", "device_code", "grant_type"]);
  expect(polls[0]).toMatchObject({ grant_type: deviceGrant, client_id: "yaku-cli" });
});

test("yaku 6 with an interval of 1 s nothing is asked earlier than that", async () => {
  const at = await world();
  at.idp.answers.set("/device/auth", [device({ interval: 1 })]);
  at.idp.answers.set("/token", [pending, pending, granted]);
  await at.drive(at.person().login({ interaction: at.typing("nothing") }));
  expect(gaps(at)).toEqual([1, 1, 1]);
});

test("yaku 7 SEC-94 without an interval 5 s; slow_down means 5 s more, for good", async () => {
  const at = await world();
  at.idp.answers.set("/device/auth", [device()]);
  at.idp.answers.set("/token", [pending, slowDown, pending, granted]);
  await at.drive(at.person().login({ interaction: at.typing("nothing") }));
  expect(gaps(at)).toEqual([5, 5, 10, 10]);
});

describe("yaku 8 an end is an end: no further poll, and the file stays as it is", () => {
  test("access_denied, said by the real provider", async () => {
    const at = await world();
    at.put([{ name: "other", url: at.url, accessToken: "kept" }]);
    const before = JSON.stringify(at.file());
    expect(await at.drive(failure(at.person().login({ interaction: at.typing("decline") })))).toBe(
      "DENIED/login-denied",
    );
    expect(at.idp.log()).toEqual(["/device/auth", `/token ${deviceGrant}`]);
    expect(JSON.stringify(at.file())).toBe(before);
  });

  test("expired_token", async () => {
    const at = await world();
    at.idp.answers.set("/token", [{ status: 400, body: { error: "expired_token" } }]);
    const work = at.person().login({ interaction: at.typing() });
    expect(await at.drive(failure(work))).toBe("INTERACTION_REQUIRED/login-timeout");
    expect(at.idp.forms("/token")).toHaveLength(1);
    expect(at.exists()).toBe(false);
  });
});

test("yaku 9 nobody comes: over with the code", async () => {
  const at = await world();
  at.idp.answers.set("/device/auth", [device({ expires_in: 10 })]);
  at.idp.answers.set("/token", [pending]);
  const began = at.clock.monotonic();
  const work = at.person().login({ interaction: at.typing("nothing") });
  expect(await at.drive(failure(work))).toBe("INTERACTION_REQUIRED/login-timeout");
  const took = at.clock.monotonic() - began;
  expect(took).toBeGreaterThanOrEqual(10_000);
  expect(took).toBeLessThan(10_500);
});

test("yaku 10 SEC-94 a poll that gets no answer in time is no end", async () => {
  const at = await world();
  at.idp.answers.set("/token", [{ body: null }, granted]);
  const work = at.person().login({ interaction: at.typing("nothing") });
  expect((await at.clock.until(work)).reveal()).toBe("at"); // time passes while it is asked, too
  expect(at.idp.forms("/token")).toHaveLength(2);
});

test("yaku 11 SEC-28 an abort while it waits: no further request, and no timer", async () => {
  const at = await world();
  const controller = new AbortController();
  const work = thrown(
    at.person().login({
      signal: controller.signal,
      interaction: async (step) => {
        await at.typing("nothing")(step);
        await at.clock.sleep(7_000);
        controller.abort("enough");
      },
    }),
  );
  expect(await at.drive(work)).toBe("enough");
  const before = at.idp.received.length;
  await at.clock.advance(600_000);
  expect(at.idp.received).toHaveLength(before);
  expect(at.clock.pending).toEqual([]);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("yaku 12 a login without a refresh token is an error, and nothing is stored", async () => {
  const at = await world();
  at.idp.answers.set("/token", [{ body: { access_token: "at", token_type: "Bearer", expires_in: 300 } }]);
  const work = at.person().login({ interaction: at.typing() });
  expect(await at.drive(failure(work))).toBe("INVALID/no-refresh-token");
  expect(at.exists()).toBe(false);
});

describe("yaku 13 an ID token that is not ours is no login", () => {
  test.each<[string, Record<string, unknown>, boolean]>([
    ["another audience", { aud: "other" }, true],
    ["another issuer", { iss: "https://other.example" }, true],
    ["another access token", { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" }, true],
    ["out of date", { exp: 1 }, true],
    ["another signature", {}, false],
  ])("%s", async (_, over, signed) => {
    const at = await world();
    const now = Math.floor(at.clock.now() / 1_000);
    const claims = { iss: at.idp.issuer, aud: "yaku-cli", sub: "oscar", iat: now, exp: now + 600, ...over };
    const good = await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(at.idp.privateKey);
    const idToken = signed ? good : `${good.slice(0, -20)}AAAAAAAAAAAAAAAAAAAA`;
    at.idp.answers.set("/token", [{ body: { ...(granted.body as object), id_token: idToken } }]);
    const work = at.person().login({ interaction: at.typing() });
    expect(await at.drive(failure(work))).toBe("INVALID/id-token");
    expect(String(await thrown(work))).not.toContain("oscar");
    expect(at.exists()).toBe(false);
  });

  test("and one that is, is", async () => {
    const at = await world();
    const now = Math.floor(at.clock.now() / 1_000);
    const claims = { iss: at.idp.issuer, aud: "yaku-cli", sub: "oscar", iat: now, exp: now + 600 };
    const idToken = await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(at.idp.privateKey);
    at.idp.answers.set("/token", [{ body: { ...(granted.body as object), id_token: idToken } }]);
    expect((await at.drive(at.person().login({ interaction: at.typing() }))).reveal()).toBe("at");
  });
});

test("the step has what a terminal shows: code, page, the page with the code, and their end", async () => {
  const at = await world();
  const began = at.clock.now();
  await at.drive(at.person().login({ interaction: at.typing() }));
  const [step] = at.steps;
  expect(step).toMatchObject({ type: "device-code", verificationUri: `${at.idp.issuer}/device` });
  expect(step?.verificationUriComplete).toContain(step?.userCode);
  expect(step?.expiresAt.getTime()).toBe(began + 600_000);
});

test("SEC-96 a login without an interaction is refused before anything is sent", async () => {
  const at = await world();
  expect(await failure(at.person().login())).toBe("INTERACTION_REQUIRED/no-interaction");
  expect(at.yaku.received).toEqual([]);
});

describe("what a server says is not believed blindly", () => {
  test("SEC-20 a provider that is reached by http over a network is not asked", async () => {
    const at = await world();
    const wellKnownConfigUrl = "http://idp.example/.well-known/openid-configuration";
    at.yaku.answers.set("/api/v1/service/authinfo", [{ body: { wellKnownConfigUrl } }]);
    const work = at.person().login({ interaction: at.typing() });
    expect(await at.drive(failure(work))).toBe("INVALID/insecure-transport");
    expect(at.times).toHaveLength(1);
  });

  test("SEC-36 metadata of another issuer is refused", async () => {
    const at = await world();
    const metadata = { issuer: "https://other.example", token_endpoint: `${at.idp.issuer}/token` };
    at.idp.answers.set("/.well-known/openid-configuration", [{ body: metadata }]);
    const work = at.person().login({ interaction: at.typing() });
    expect(await at.drive(failure(work))).toBe("INVALID/issuer-mismatch");
  });

  test("SEC-23 authinfo that redirects is not followed", async () => {
    const at = await world();
    at.yaku.answers.set("/api/v1/service/authinfo", [{ status: 302, headers: { location: at.idp.issuer } }]);
    expect(await at.drive(failure(at.person().login({ interaction: at.typing() })))).toBe("INVALID/redirect");
    expect(at.idp.received).toEqual([]);
  });
});

test.each<[string, object]>([
  ["no address", { url: "" }],
  ["SEC-21 a user in the address", { url: "https://u:p@yaku.example" }],
  ["SEC-20 http over a network", { url: "http://yaku.example" }],
  ["a session of no length", { url: "https://yaku.example", sessionMs: 0 }],
])("%s is a TypeError of the factory", (_, options) => {
  expect(() => deviceLogin(options as never)).toThrow(TypeError);
});
