import { createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { fromEnv } from "@auth/env";
import { afterEach, describe, expect, test, vi } from "vitest";
import { applicationToken, applicationTokenId, applicationTokens } from "../src/index.ts";
import { failure, loggedIn, thrown, type World, world } from "./support/world.ts";

afterEach(() => vi.unstubAllEnvs());

const list = "/api/v1/long-running-tokens";

/** A program that has an application token. */
function program(at: World, token: string) {
  return createAuth({
    grant: applicationToken({ url: at.url }),
    credentials: fixed({ type: "access-token", token: new Secret(token), source: "env YAKU_TOKEN" } as const),
    ...at.common,
  });
}

describe("create", () => {
  test("yaku 33 sends the description and no wish for more; the token is in the answer, and in no log", async () => {
    const at = await world();
    const made = await at.tokens(await loggedIn(at)).create("d");
    expect(at.yaku.received).toMatchObject([
      { method: "POST", path: list, body: '{"description":"d","try_admin":false}' },
    ]);
    expect(applicationTokenId(made.token.reveal())).toBe(made.id);
    expect(made).toMatchObject({
      id: 1,
      description: "d",
      try_admin: false,
      status: "active",
      createdBy: "oscar",
    });
    expect(new Date(made.creationTime).getTime()).toBeGreaterThan(0);
    expect(`${JSON.stringify(made)}${JSON.stringify(at.events)}`).not.toContain(made.token.reveal());
  });

  test("yaku 34 with tryAdmin it wishes for an administrator's rights", async () => {
    const at = await world();
    const made = await at.tokens(await loggedIn(at)).create("d", { tryAdmin: true });
    expect(at.yaku.received[0]?.body).toBe('{"description":"d","try_admin":true}');
    expect(made.try_admin).toBe(true);
  });

  test.each(["", "  \n", "d".repeat(1_001)])(
    "yaku 35 a description that is none is refused before anything is sent",
    async (text) => {
      const at = await world();
      await expect(at.tokens(await loggedIn(at)).create(text)).rejects.toThrow(TypeError);
      expect(at.yaku.received).toEqual([]);
    },
  );

  test("a description may have 1000 characters, and blanks around it are left out", async () => {
    const at = await world();
    const made = await at.tokens(await loggedIn(at)).create(` ${"d".repeat(1_000)} `);
    expect(made.description).toHaveLength(1_000);
  });

  test("yaku 36 by an application token: only people can", async () => {
    const at = await world();
    const auth = program(at, at.yaku.issue().token);
    const error = await thrown(at.tokens(auth).create("d"));
    expect(isAuthError(error, "ERR_AUTH_INTERACTION_REQUIRED") && error).toMatchObject({
      reason: "application-token",
      status: 403,
    });
    expect(String(error)).toMatch(/Log in as a person/);
  });

  test("another refusal is one", async () => {
    const at = await world();
    at.yaku.answers.set(list, [{ status: 403, body: { statusCode: 403 } }]);
    expect(await failure(at.tokens(await loggedIn(at)).create("d"))).toBe("GRANT/refused");
    at.yaku.answers.clear();
    const auth = program(at, at.yaku.issue().token);
    await auth.getToken();
    at.yaku.answers.set(list, [{ status: 400, body: { statusCode: 400 } }]);
    expect(await failure(at.tokens(auth).create("d"))).toBe("GRANT/refused");
  });

  test("SEC-62 a request that may have arrived is not sent twice", async () => {
    const at = await world();
    const auth = await loggedIn(at);
    at.yaku.answers.set(list, [{ status: 502, body: "" }]);
    expect(await at.drive(failure(at.tokens(auth).create("d")))).toBe("UNREACHABLE/server-error");
    expect(at.yaku.received).toHaveLength(1);
  });
});

describe("list", () => {
  test("yaku 37 all pages, in order", async () => {
    const at = await world();
    for (let i = 0; i < 45; i++) at.yaku.issue(`number ${i}`);
    const all = await at.tokens(await loggedIn(at)).list();
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 45 }, (_, i) => 45 - i));
    expect(at.yaku.log()).toHaveLength(3);
    expect(JSON.stringify(all)).not.toContain("yakp_");
  });

  test("yaku 37 the token stays here, wherever the next page is said to be", async () => {
    const at = await world();
    const elsewhere = await world();
    const auth = await loggedIn(at);
    const next = `${elsewhere.yaku.origin}${list}?page=2&items=20`;
    at.yaku.answers.set(list, [{ body: { data: [], links: { next } } }]);
    at.yaku.issue();
    expect(await at.tokens(auth).list()).toEqual([]);
    expect(elsewhere.yaku.received).toEqual([]);
    expect(at.yaku.log()).toEqual([`GET ${list}`, `GET ${list}?page=2&items=20`]);
    at.yaku.received.length = 0;
    at.yaku.answers.set(list, [{ body: { data: [], links: { next: list } } }]); // no address
    await at.tokens(auth).list();
    expect(at.yaku.log()).toEqual([`GET ${list}`]);
  });

  test("pages that go round in circles are an error, and the token is not sent for ever", async () => {
    const at = await world();
    const auth = await loggedIn(at);
    const page = (next: string) => [
      { body: { data: [], links: { next: `${at.yaku.origin}${list}?${next}` } } },
    ];
    at.yaku.answers.set(list, page("a")).set(`${list}?a`, page("b")).set(`${list}?b`, page("a"));
    expect(await failure(at.tokens(auth).list())).toBe("INVALID/malformed-response");
    expect(at.yaku.log()).toHaveLength(3);
    at.yaku.received.length = 0;
    at.yaku.answers.set(list, page("")); // itself
    expect(await failure(at.tokens(auth).list())).toBe("INVALID/malformed-response");
    expect(at.yaku.log()).toHaveLength(1);
  });

  test("pages without end are an error", async () => {
    const at = await world();
    const auth = await loggedIn(at);
    let asked = 0;
    const fetch = async (): Promise<Response> =>
      Response.json({ data: [], links: { next: `${at.yaku.origin}${list}?page=${++asked}` } });
    const tokens = applicationTokens(auth, { url: at.url, clock: at.clock, fetch });
    expect(await failure(tokens.list())).toBe("INVALID/malformed-response");
    expect(asked).toBe(500);
  });

  test.each<[string, unknown]>([
    ["no list", { data: {} }],
    ["an item that is no token", { data: [{ id: "1" }] }],
    ["nothing at all", { data: [null] }],
    ["another status", { data: [{ id: 1, description: "d", status: "lost" }] }],
  ])("%s is an answer that is no good", async (_, body) => {
    const at = await world();
    at.yaku.answers.set(list, [{ body }]);
    expect(await failure(at.tokens(await loggedIn(at)).list())).toBe("INVALID/malformed-response");
  });
});

describe("revoke", () => {
  test("yaku 38 ends one, and does so twice if asked twice; one that is not there is not found", async () => {
    const at = await world();
    const tokens = at.tokens(await loggedIn(at));
    for (let i = 0; i < 35; i++) at.yaku.issue();
    await tokens.revoke(35);
    expect(at.yaku.received).toMatchObject([{ method: "POST", path: `${list}/35/revoke`, body: "" }]);
    await tokens.revoke(35);
    expect((await tokens.list()).find(({ id }) => id === 35)?.status).toBe("revoked");
    expect(await failure(tokens.revoke(99))).toBe("NOT_FOUND/no-token");
  });

  test.each([0, 1.5, 2 ** 31, Number.NaN])("%s is no id", async (id) => {
    const at = await world();
    await expect(at.tokens(at.person()).revoke(id)).rejects.toThrow(TypeError);
    expect(at.yaku.received).toEqual([]);
  });

  test("another's token is not found", async () => {
    const at = await world();
    const { id } = at.yaku.issue("d", "anna");
    expect(await failure(at.tokens(await loggedIn(at)).revoke(id))).toBe("NOT_FOUND/no-token");
  });
});

describe("yaku 39 a server that is asked too often", () => {
  const busy = (headers?: Record<string, string>) => ({ status: 429, body: "", ...(headers && { headers }) });
  const pauses = ({ times }: World): number[] => times.slice(1).map(([, at], i) => at - (times[i]?.[1] ?? 0));

  test("is left alone for as long as it says, for posts, too", async () => {
    const at = await world();
    const auth = await loggedIn(at);
    const made = { status: 201, body: { id: 1, description: "d", status: "active", token: "t" } };
    at.yaku.answers.set(list, [busy({ "ratelimit-reset": "1" }), busy({ "ratelimit-reset": "3" }), made]);
    const work = at.tokens(auth).create("d");
    expect((await at.drive(work)).id).toBe(1);
    expect(pauses(at)).toEqual([1, 3]);
  });

  test("and longer each time if it does not say, a minute in all", async () => {
    const at = await world();
    const auth = await loggedIn(at);
    at.yaku.answers.set(list, [busy()]);
    const began = at.clock.monotonic();
    expect(await at.drive(failure(at.tokens(auth).list()))).toBe("UNREACHABLE/rate-limited");
    expect(pauses(at).slice(0, 4)).toEqual([1, 1.5, 2.25, 3.375]);
    expect(at.clock.monotonic() - began).toBeLessThanOrEqual(60_000);
    expect(at.yaku.received).toHaveLength(9); // the next pause would end after a minute
  });

  test("ten times at most", async () => {
    const at = await world();
    const auth = await loggedIn(at);
    at.yaku.answers.set(list, [busy({ "ratelimit-reset": "0.5" })]);
    expect(await at.drive(failure(at.tokens(auth).list()))).toBe("UNREACHABLE/rate-limited");
    expect(at.yaku.received).toHaveLength(11);
  });

  test.each<[string, Record<string, string>]>([
    ["ratelimit-reset", { "ratelimit-reset": "45" }],
    ["Retry-After", { "retry-after": "45" }],
  ])("over 30 s by %s are not waited for, and are told", async (_, headers) => {
    const at = await world();
    const auth = await loggedIn(at);
    at.yaku.answers.set(list, [busy(headers)]);
    const error = await at.drive(thrown(at.tokens(auth).list()));
    expect(error).toMatchObject({ reason: "rate-limited", retryAfterMs: 45_000 });
    expect(at.yaku.received).toHaveLength(1);
  });

  test("the grants heed it, too", async () => {
    const at = await world();
    const info = { body: { wellKnownConfigUrl: at.idp.wellKnown } };
    at.yaku.answers.set("/api/v1/service/authinfo", [busy({ "ratelimit-reset": "2" }), info]);
    await at.drive(at.person().login({ interaction: at.typing() }));
    expect(pauses(at)[0]).toBe(2);
  });
});

test.each<[string, number | undefined]>([
  ["yakp_aa_0000000035_5d347a238ac2f4140eca9256465f1a", 35],
  ["yakp_aa_9999999999_5d347a238ac2f4140eca9256465f1a", 9_999_999_999],
  ["yakp_aa_0000000000_5d347a238ac2f4140eca9256465f1a", undefined],
  ["yakp_aa_0000000035_5d347a238ac2f4140eca9256465f1", undefined],
  ["yakp_aa_0000000035_5D347A238AC2F4140ECA9256465F1A", undefined],
  ["yakp_aa_000000035_5d347a238ac2f4140eca9256465f1a", undefined],
  ["yakp_ab_0000000035_5d347a238ac2f4140eca9256465f1a", undefined],
  [" yakp_aa_0000000035_5d347a238ac2f4140eca9256465f1a", undefined],
  ["yakp_aa_0000000035_5d347a238ac2f4140eca9256465f1a\n", undefined],
])("yaku 40 %j is the token with the id %s", (text, id) => {
  expect(applicationTokenId(text)).toBe(id);
});

describe("a program with an application token", () => {
  test("tries it once, and uses it without an end", async () => {
    const at = await world();
    const { token } = at.yaku.issue();
    vi.stubEnv("YAKU_TOKEN", token);
    const credentials = fromEnv({ token: "YAKU_TOKEN" });
    const auth = createAuth({ grant: applicationToken({ url: at.url }), credentials, ...at.common });
    expect((await auth.getToken()).reveal()).toBe(token);
    await at.clock.advance(400 * 86_400_000);
    expect((await at.api(auth)).status).toBe(200);
    expect(at.yaku.log()).toEqual([`GET ${list}`, "GET /api/v1/namespaces"]);
    expect(at.idp.received).toEqual([]);
  });

  test("SEC-10 a text of another shape is refused before anything is sent, by its source's name", async () => {
    const at = await world();
    const error = await thrown(program(at, "yakp_aa_35_abc").getToken());
    expect(error).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "secret-format",
      provider: "env YAKU_TOKEN",
    });
    expect(at.yaku.received).toEqual([]);
  });

  test("may list and revoke: itself, for one; after that it is refused, within a minute", async () => {
    const at = await world();
    const { id, token } = at.yaku.issue();
    const auth = program(at, token);
    const tokens = at.tokens(auth);
    expect(await tokens.list()).toHaveLength(1);
    await tokens.revoke(id);
    expect((await at.api(auth)).status).toBe(401);
    expect(await failure(auth.getToken())).toBe("GRANT/credential-rejected");
  });

  test("SEC-69 reads its source once more if Yaku refuses the token: this is how a new one gets there", async () => {
    const at = await world();
    const old = at.yaku.issue();
    const next = at.yaku.issue();
    const auth = program(at, next.token);
    await at.tokens(auth).revoke(old.id);
    at.yaku.received.length = 0;
    const kept = [old.token, next.token];
    const credentials = {
      name: "env YAKU_TOKEN",
      get: async () => ({ type: "access-token", token: new Secret(kept.shift() ?? next.token) }) as const,
    };
    const healed = createAuth({ grant: applicationToken({ url: at.url }), credentials, ...at.common });
    expect((await healed.getToken()).reveal()).toBe(next.token);
    expect(at.yaku.received).toHaveLength(2);
    const refused = createAuth({
      grant: applicationToken({ url: at.url }),
      credentials: fixed({ type: "access-token", token: new Secret(old.token) } as const),
      ...at.common,
    });
    const error = await thrown(refused.getToken());
    expect(error).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "credential-rejected", status: 401 });
    expect(String(error)).not.toContain(old.token);
    expect(at.yaku.received).toHaveLength(3);
  });

  test("SEC-55 two of them are two identities", async () => {
    const grant = applicationToken({ url: "https://yaku.example" });
    const at = (id: string) =>
      grant.partition({
        type: "access-token",
        token: new Secret(`yakp_aa_${id}_5d347a238ac2f4140eca9256465f1a`),
      });
    expect(await at("0000000035")).toBe("yaku url=https%3A%2F%2Fyaku.example%2Fapi%2Fv1&token=35");
    expect(await at("0000000036")).not.toBe(await at("0000000035"));
    expect(await grant.partition()).toBeUndefined();
  });
});

test("SEC-27 a 401 of Yaku's renews the person's token once, and the request is sent again", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  const old = await auth.getToken();
  await at.idp.isActive(old.reveal());
  at.yaku.answers.set(list, [{ status: 401, body: {} }, { body: { data: [], links: {} } }]);
  expect(await applicationTokens(auth, { url: at.url }).list()).toEqual([]);
  expect(at.idp.log()).toEqual(["/token refresh_token"]);
  at.yaku.answers.set(list, [{ status: 401, body: {} }]);
  expect(await failure(applicationTokens(auth, { url: at.url }).list())).toBe("GRANT/refused");
});
