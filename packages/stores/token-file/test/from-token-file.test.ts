import { createHash } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { AccessToken, type Credential, encodeRecord, Secret, type TokenRecord } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { notePath } from "../src/answer-note.ts";
import { fromTokenFile, tokenFile } from "../src/index.ts";
import { asNobody, failing, posix, root, temporary } from "./support/temporary.ts";

const { at, put } = temporary();
const path = (): string => at("tokens.json");

/** A credential with its secrets shown, for comparing. */
function shown(credential: Credential): object {
  return Object.fromEntries(
    Object.entries(credential).map(([name, value]) => [
      name,
      value instanceof Object && "reveal" in value ? (value as Secret).reveal() : value,
    ]),
  );
}

const read = async (text: string, profile?: string): Promise<object> => {
  put("tokens.json", text);
  return shown(await fromTokenFile({ path: path(), profile }).get());
};

async function stored(logins: Record<string, TokenRecord>): Promise<void> {
  const store = tokenFile({ path: path() });
  for (const [key, record] of Object.entries(logins)) await store.write(key, encodeRecord(record), undefined);
}

const until = new Date("2030-01-01T00:00:00Z");
const login = (name: string, more: Partial<TokenRecord["tokens"]> = {}): TokenRecord => ({
  tokens: {
    accessToken: new AccessToken(`${name}-access`, { expiresAt: until }),
    refreshToken: new Secret(`${name}-refresh`),
    ...more,
  },
});

describe("a login that tokenFile keeps", () => {
  test("the only one needs no name; its refresh token, access token and expiry come along", async () => {
    await stored({ work: login("work") });
    const store = tokenFile({ path: path() });
    const credential = await fromTokenFile({ path: path() }).get();
    expect(shown(credential)).toEqual({
      type: "refresh-token",
      refreshToken: "work-refresh",
      accessToken: "work-access",
      accessTokenExpiresAt: until,
      version: (await store.read("work"))?.generation,
      source: `token-file ${path()}`,
    });
    expect(Object.isFrozen(credential)).toBe(true);
  });

  test("of several, the one that is asked for", async () => {
    await stored({ work: login("work"), home: login("home") });
    expect(shown(await fromTokenFile({ path: path(), profile: "home" }).get())).toMatchObject({
      refreshToken: "home-refresh",
      source: `token-file ${path()} (home)`,
    });
    expect(await failing(fromTokenFile({ path: path() }).get())).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "ambiguous",
      message: expect.stringContaining('"work", "home"'),
    });
    expect(await failing(fromTokenFile({ path: path(), profile: "other" }).get())).toMatchObject({
      code: "ERR_AUTH_NOT_FOUND",
      reason: "no-profile",
    });
  });

  test("a mark that a logout has left is no login", async () => {
    await stored({ work: login("work"), home: login("home") });
    const store = tokenFile({ path: path() });
    const { generation } = (await store.read("home")) ?? {};
    await store.write("home", '{"schema":1,"ended":"2027-05-06T07:08:09Z"}', generation);
    expect(shown(await fromTokenFile({ path: path() }).get())).toMatchObject({
      refreshToken: "work-refresh",
    });
    const gone = { code: "ERR_AUTH_NOT_FOUND", reason: "no-profile" };
    expect(await failing(fromTokenFile({ path: path(), profile: "home" }).get())).toMatchObject(gone);
    await store.delete("work");
    expect(await failing(fromTokenFile({ path: path() }).get())).toMatchObject(gone);
    // Noted, as by a process that was killed before the mark was in its place.
    await store.delete("home");
    const again = await store.write("home", encodeRecord(login("home")), undefined);
    const answer = {
      schema: 1,
      key: "home",
      value: '{"schema":1,"ended":"now"}',
      expected: again,
      generation: "g",
    };
    const json = JSON.stringify(answer);
    const sum = createHash("sha256").update(json).digest("hex");
    writeFileSync(notePath(path(), "home"), `${sum} ${json}\n`, { mode: 0o600 });
    expect(await failing(fromTokenFile({ path: path() }).get())).toMatchObject(gone);
  });

  test("without a refresh token it is an access token", async () => {
    const { refreshToken: _, ...tokens } = login("work").tokens;
    await stored({ work: { tokens } });
    expect(shown(await fromTokenFile({ path: path() }).get())).toMatchObject({
      type: "access-token",
      token: "work-access",
      expiresAt: until,
    });
  });

  test("a token that is bound to a key is not handed out as a bearer token", async () => {
    const bound = new AccessToken("bound", { type: "DPoP" });
    await stored({ a: login("a", { accessToken: bound }), b: { tokens: { accessToken: bound } } });
    expect(shown(await fromTokenFile({ path: path(), profile: "a" }).get())).not.toHaveProperty(
      "accessToken",
    );
    expect(await failing(fromTokenFile({ path: path(), profile: "b" }).get())).toMatchObject({
      reason: "token-type",
    });
  });

  test("SEC-61 one that the server refused for good needs a person", async () => {
    await stored({ work: { ...login("work"), dead: { reason: "refresh-token-rejected", at: until } } });
    expect(await failing(fromTokenFile({ path: path() }).get())).toMatchObject({
      code: "ERR_AUTH_INTERACTION_REQUIRED",
      reason: "refresh-token-rejected",
    });
  });

  test("SEC-76 damage is told apart from absence, entry by entry", async () => {
    put("tokens.json", '{"schema":1,"entries":{"bad":{},"text":{"generation":"g","text":"no record"}}}');
    for (const profile of ["bad", "text"])
      expect(await failing(fromTokenFile({ path: path(), profile }).get())).toMatchObject({
        reason: "store-corrupted",
      });
    put("empty.json", '{"schema":1,"entries":{}}');
    expect(await failing(fromTokenFile({ path: at("empty.json") }).get())).toMatchObject({
      reason: "no-profile",
    });
    put("newer.json", '{"schema":9,"entries":{}}');
    expect(await failing(fromTokenFile({ path: at("newer.json") }).get())).toMatchObject({
      reason: "store-version",
    });
  });
});

describe("the plain JSON of another program", () => {
  const instant = new Date("2027-05-06T07:08:09Z");
  test.each([
    [
      "snake case",
      { access_token: "a", refresh_token: "r", expires_at: instant.getTime() / 1000, client_id: "c" },
    ],
    ["camel case", { accessToken: "a", refreshToken: "r", expiresAt: instant.toISOString(), clientId: "c" }],
    [
      "Go",
      {
        access_token: "a",
        token_type: "Bearer",
        refresh_token: "r",
        expiry: instant.toISOString(),
        client_id: "c",
      },
    ],
    ["Python", { token: "a", refresh_token: "r", expiry: instant.toISOString(), client_id: "c" }],
    [
      "Google's Node library",
      { access_token: "a", refresh_token: "r", expiry_date: instant.getTime(), client_id: "c" },
    ],
    [
      "seconds as text",
      { access_token: "a", refresh_token: "r", expires_at: `${instant.getTime() / 1000}`, client_id: "c" },
    ],
    ...[
      ["Python without a zone", "2027-05-06T07:08:09.000000"],
      ["a blank between, no seconds' fraction and no zone", "2027-05-06 07:08:09"],
      ["an offset without a colon", "2027-05-06T09:08:09+0200"],
    ].map(([what = "", expiry]): [string, object] => [
      what,
      { access_token: "a", refresh_token: "r", expiry, client_id: "c" },
    ]),
    ...["expiresAt", "accessTokenExpiresAt"].map((name): [string, object] => [
      name,
      { access_token: "a", refresh_token: "r", [name]: "2027-05-06T07:08:09", client_id: "c" },
    ]),
    [
      "our own names",
      {
        access_token: "a",
        refresh_token: "r",
        access_token_expires_at: instant.toISOString(),
        client_id: "c",
      },
    ],
  ])("as of %s", async (_, file) => {
    expect(await read(JSON.stringify(file))).toEqual({
      type: "refresh-token",
      refreshToken: "r",
      accessToken: "a",
      accessTokenExpiresAt: instant,
      clientId: "c",
      source: `token-file ${path()}`,
    });
  });

  test("fractions of a second are cut off", async () => {
    const found = await read('{"access_token":"a","refresh_token":"r","expires_at":1800000000.9876}');
    expect(found).toMatchObject({ accessTokenExpiresAt: new Date(1_800_000_000_987) });
  });

  test("an access token alone", async () => {
    expect(await read('{"access_token":"a","refresh_token":null,"expires_at":1800000000}')).toMatchObject({
      type: "access-token",
      token: "a",
      expiresAt: new Date(1_800_000_000_000),
    });
    expect(await read('{"token":"a"}')).toMatchObject({ type: "access-token", token: "a" });
  });

  test("below the name of a profile", async () => {
    const file = '{"work":{"refresh_token":"r"},"odd":"text","empty":{}}';
    expect(await read(file, "work")).toMatchObject({ refreshToken: "r" });
    expect(await failing(read(file, "home"))).toMatchObject({ reason: "no-profile" });
    expect(await failing(read(file, "toString"))).toMatchObject({ reason: "no-profile" });
    expect(await failing(read(file, "odd"))).toMatchObject({ reason: "payload-malformed" });
    expect(await failing(read(file, "empty"))).toMatchObject({ reason: "payload-malformed" });
  });

  test.each([
    "",
    "a-bare-token",
    "[]",
    '"text"',
    "{",
    '{"a":1,"a":2}',
    '{"expires_at":5}',
    '{"refresh_token":7}',
  ])("SEC-13 %s is refused", async (text) => {
    expect(await failing(read(text))).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "payload-malformed",
    });
  });

  test.each([
    "soon",
    true,
    1e300,
    "2027-02-30T00:00:00Z",
    "2027-05-06",
    "",
    [],
    -1e300,
    "2027-05-06T25:00:00",
  ])("an expiry of %j is refused, under the name that it has in the file", async (expiry) => {
    for (const name of ["expires_at", "expiry", "expiresAt", "access_token_expires_at"]) {
      const text = JSON.stringify({ access_token: "a", refresh_token: "r", [name]: expiry });
      const problem = `it has a "${name}" that is no date (RFC 3339, in UTC if it names no zone, or seconds since 1970).`;
      expect(await failing(read(text))).toMatchObject({
        reason: "payload-malformed",
        message: `token-file ${path()}: ${problem}`,
      });
    }
  });

  test("Go's zero time is no end", async () => {
    const text = '{"access_token":"a","refresh_token":"r","expiry":"0001-01-01T00:00:00Z"}';
    expect(await read(text)).not.toHaveProperty("accessTokenExpiresAt");
  });

  test("SEC-3 an error quotes nothing of the file", async () => {
    const secret = canary("token");
    for (const text of [
      secret.value,
      `{"refresh_token":"${secret.value}","refreshToken":"x"}`,
      `{"a":${secret.value}}`,
    ]) {
      put("tokens.json", text);
      secret.check(
        await fromTokenFile({ path: path() })
          .get()
          .catch((error: unknown) => error),
      );
    }
  });
});

describe.runIf(posix)("SEC-73 SEC-74 who may read it", () => {
  test("an open file, a link, a folder where others can write", async () => {
    put("tokens.json", '{"token":"t"}');
    symlinkSync("tokens.json", at("link.json"));
    expect(await failing(fromTokenFile({ path: at("link.json") }).get())).toMatchObject({
      reason: "unsafe-path",
    });
    chmodSync(path(), 0o644);
    expect(await failing(fromTokenFile({ path: path() }).get())).toMatchObject({
      reason: "unsafe-permissions",
    });
    expect(await fromTokenFile({ path: path(), allowUnsafePermissions: true }).get()).toMatchObject({
      type: "access-token",
    });
    mkdirSync(at("open"));
    chmodSync(at("open"), 0o777);
    put("open/tokens.json", '{"token":"t"}');
    expect(await failing(fromTokenFile({ path: at("open/tokens.json") }).get())).toMatchObject({
      reason: "unsafe-path",
    });
  });

  test("a file that may not be read is denied, not absent", async () => {
    put("tokens.json", '{"token":"t"}');
    chmodSync(path(), 0);
    chmodSync(at(), 0o755);
    expect(await asNobody(() => failing(fromTokenFile({ path: path() }).get()))).toMatchObject({
      code: "ERR_AUTH_DENIED",
      reason: "permission-denied",
    });
  });

  test.runIf(root)("root's file may be read, but not used as a store", async () => {
    put("tokens.json", '{"schema":1,"entries":{"a":{"generation":"g","record":{}}}}');
    chmodSync(at(), 0o755);
    chmodSync(path(), 0o600);
    // As if root had put a file there that this user can read: an access list, which the mode does not show.
    const uid = process.geteuid;
    process.geteuid = () => 65_534;
    try {
      expect(await failing(tokenFile({ path: path() }).read("a"))).toMatchObject({
        reason: "unsafe-permissions",
      });
      expect(await failing(fromTokenFile({ path: path() }).get())).toMatchObject({
        reason: "store-corrupted",
      });
      chownSync(path(), 4242, 4242);
      expect(await failing(fromTokenFile({ path: path() }).get())).toMatchObject({
        reason: "unsafe-permissions",
      });
    } finally {
      process.geteuid = uid as () => number;
    }
  });
});
