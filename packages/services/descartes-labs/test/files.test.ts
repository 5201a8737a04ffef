import { chmodSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { cid, sec } from "./support/iam-server.ts";
import { cachePath, failure, info, infoPath, pair, world } from "./support/world.ts";

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test("descarteslabs 6 SEC-70 the cache is named by the secret, holds the token only, and is private", async () => {
  const { open, read, home, list } = await world();
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const bought = await open(pair).getToken();
  const name = cachePath.slice(".descarteslabs/".length);
  expect(list(".descarteslabs")).toEqual([name, `${name}.whose`]);
  expect(read(cachePath)).toEqual({ jwt_token: bought.reveal() });
  expect(modeOf(join(home, cachePath))).toBe("600");
  expect(modeOf(join(home, `${cachePath}.whose`))).toBe("600");
  expect(modeOf(join(home, ".descarteslabs"))).toBe("700");
});

test("SEC-70 all folders that are made are private", async () => {
  const { open, home } = await world();
  await open({ ...pair, tokenInfoPath: join(home, "a/b/t.json") }).getToken();
  expect([modeOf(join(home, "a")), modeOf(join(home, "a/b"))]).toEqual(["700", "700"]);
});

test("descarteslabs 7 the next instance takes the token from there", async () => {
  const { open, asked } = await world();
  const bought = await open(pair).getToken();
  expect((await open(pair).getToken()).reveal()).toBe(bought.reveal());
  expect(asked()).toBe(1);
});

test("descarteslabs 8 another client with the same secret does not, and leaves a good token there", async () => {
  const { open, read, asked, clock } = await world();
  const bought = await open(pair).getToken();
  const other = open({ ...pair, clientId: "other" });
  const theirs = await other.getToken();
  expect(theirs.reveal()).not.toBe(bought.reveal());
  expect((await other.getToken()).reveal()).toBe(theirs.reveal());
  expect(asked()).toBe(2);
  expect(read(cachePath)).toEqual({ jwt_token: bought.reveal() });
  await other.logout();
  expect(read(cachePath)).toEqual({ jwt_token: bought.reveal() });
  await clock.advance(86_400_000);
  const later = await other.getToken();
  expect(read(cachePath)).toEqual({ jwt_token: later.reveal() });
});

describe("descarteslabs 9 a cache that is of no use is passed over in silence", () => {
  test.each(["T(-1)", "{", "", "[]", '{"jwt_token":1}', '{"jwt_token":"a.b.c"}', '{"jwt_token":"ä.b.c"}'])(
    "%s",
    async (content) => {
      const { open, put, read, token, asked, events, warnings } = await world();
      put(cachePath, content === "T(-1)" ? { jwt_token: token(-1) } : content);
      const bought = await open(pair).getToken();
      expect(asked()).toBe(1);
      expect([...warnings, ...events].map(({ reason }) => reason)).toEqual([undefined, undefined]);
      expect(events.map(({ type }) => type)).toEqual(["read", "renewed"]);
      expect(read(cachePath)).toEqual({ jwt_token: bought.reveal() });
    },
  );
});

test("descarteslabs 20 JWT_TOKEN comes before jwt_token; afterwards only the latter remains, and all else", async () => {
  const { open, put, read, token, asked } = await world();
  const rest = { ...info, name: "Ñame", revoke_url: "https://x", scope: ["a"], id: 7 };
  put(infoPath, { ...rest, JWT_TOKEN: token(3_600), jwt_token: token(7_200) });
  const auth = open();
  expect((await auth.getToken()).reveal()).toBe(token(3_600));
  expect(asked()).toBe(0);
  const bought = await auth.getToken({ forceRefresh: true });
  expect(read(infoPath)).toEqual({ ...rest, jwt_token: bought.reveal() });
});

test("descarteslabs 21 a scope of the file is asked for, unless there is one of the parameters", async () => {
  const { open, put, server } = await world();
  put(infoPath, { ...info, scope: ["a", "b"] });
  const auth = open();
  await auth.getToken();
  await auth.getToken({ forceRefresh: true });
  await open({ scope: ["c"] }).getToken({ forceRefresh: true });
  const scopes = server.received.map(({ body }) => (body as { scope?: string }).scope);
  expect(scopes).toEqual(["a b", "a b", "c"]);
});

test.each([
  { client_id: cid, refresh_token: sec },
  { client_id: cid, client_secret: sec },
])("descarteslabs 22 one name of the secret will do; then both are there, and all else: %j", async (some) => {
  const { open, put, read, server, home } = await world();
  put(infoPath, { ...some, name: "N" });
  const bought = await open().getToken();
  expect(server.received[0]?.body).toMatchObject({ refresh_token: sec });
  expect(read(infoPath)).toEqual({ ...info, name: "N", jwt_token: bought.reveal() });
  put(infoPath, { ...some, name: "N" });
  const again = await open({ ...pair, tokenInfoPath: join(home, infoPath) }).getToken();
  expect(read(infoPath)).toEqual({ ...info, name: "N", jwt_token: again.reveal() });
});

describe("descarteslabs 28 where nothing can be saved, the token is served all the same, with one warning", () => {
  test("below a file", async () => {
    const { open, put, events } = await world();
    const tokenInfoPath = join(put("file", ""), "ti.json");
    const auth = open({ ...pair, tokenInfoPath });
    const bought = await auth.getToken();
    expect((await auth.getToken()).reveal()).toBe(bought.reveal());
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ["read", undefined],
      ["warning", "save-failed"],
      ["renewed", undefined],
    ]);
  });

  test("a file in the place of the folder", async () => {
    const { open, put, events, token, asked } = await world();
    put(".descarteslabs", "");
    await open({ ...pair, jwtToken: token(3_600) }).getToken();
    await open(pair).getToken();
    expect(events.filter(({ type }) => type === "warning")).toHaveLength(2);
    expect(asked()).toBe(2);
  });

  // There not even root may make a file.
  test.runIf(process.platform === "linux")("a folder that may not be written", async () => {
    const { open, events, asked } = await world();
    await open({ ...pair, tokenInfoPath: "/sys/ti.json" }).getToken();
    expect(events.map(({ type }) => type)).toEqual(["read", "warning", "renewed"]);
    expect(asked()).toBe(1);
  });
});

describe("descarteslabs 29 what is stored depends on what the file is for, not on its name", () => {
  test("a path with jwt_token_ in it", async () => {
    const { open, read, home } = await world();
    const bought = await open({ ...pair, tokenInfoPath: join(home, "jwt_token_dir/ti.json") }).getToken();
    expect(read("jwt_token_dir/ti.json")).toEqual({ ...info, jwt_token: bought.reveal() });
  });

  test("a bare name is one in the current directory", async () => {
    const { open, read, home } = await world();
    const here = vi.spyOn(process, "cwd").mockReturnValue(realpathSync(home));
    onTestFinished(() => here.mockRestore());
    const bought = await open({ ...pair, tokenInfoPath: "ti.json" }).getToken();
    expect(read("ti.json")).toEqual({ ...info, jwt_token: bought.reveal() });
  });
});

test("SEC-73 a file that others can read is used with a warning, and private after the next write", async () => {
  const { open, put, token, warnings } = await world();
  const path = put(infoPath, { ...info, jwt_token: token(3_600) });
  chmodSync(path, 0o644);
  const auth = open();
  expect((await auth.getToken()).reveal()).toBe(token(3_600));
  await auth.getToken({ forceRefresh: true });
  expect(warnings.map((warning) => warning.reason)).toContain("unsafe-permissions");
  expect(modeOf(path)).toBe("600");
});

test("SEC-74 a file that others can write is refused", async () => {
  const { open, put, asked } = await world();
  chmodSync(put(infoPath, info), 0o666);
  expect(await failure(open().getToken())).toBe("INVALID/unsafe-permissions");
  expect(asked()).toBe(0);
});

test("SEC-13 odd contents of a file do no harm", async () => {
  const { open, put, read } = await world();
  put(
    infoPath,
    `{"client_id":"${cid}","client_secret":"${sec}","scope":["a",1,""],"constructor":1,"jwt_token":[]}`,
  );
  const bought = await open().getToken();
  expect(read(infoPath)).toEqual({
    ...info,
    scope: ["a", 1, ""],
    constructor: 1,
    jwt_token: bought.reveal(),
  });
});

test("another login that came meanwhile keeps its file to itself", async () => {
  const { open, put, read, server, home } = await world();
  put(infoPath, { ...info, name: "first" });
  const second = { client_id: cid, client_secret: "s2", refresh_token: "s2", name: "second" };
  const fetched: typeof fetch = async (...request) => {
    const answer = await fetch(...request);
    writeFileSync(join(home, infoPath), JSON.stringify(second));
    return answer;
  };
  await open({ fetch: fetched })
    .getToken()
    .catch(() => {});
  expect(server.received[0]?.body).toMatchObject({ refresh_token: sec });
  expect(read(infoPath)).toEqual(second);
});
