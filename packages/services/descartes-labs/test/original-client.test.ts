import { join } from "node:path";
import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { identityOf, logIn } from "../src/index.ts";
import { cid, legacyClient, sec } from "./support/iam-server.ts";
import { original, originalThere, type Seen } from "./support/original.ts";
import { cachePath, info, infoPath, pair, type World, world } from "./support/world.ts";

/** Its clock is the real one. */
const here = (): Promise<World> => world({ clock: fakeClock({ now: Date.now() }) });
const look = (at: World, parameters: object = {}): Promise<Seen> =>
  original(at, { do: "look", with: parameters });
const pasted = { client_id: cid, client_secret: sec, name: "Ñame", revoke_url: "https://x", id: 7 };
const paste = Buffer.from(JSON.stringify(pasted)).toString("base64url");

describe.runIf(originalThere)("with the client for Python at the other side", () => {
  test("descarteslabs 39 it reads and uses the token_info.json that we wrote, without a warning", async () => {
    const at = await here();
    const { server, env, clock, asked, read } = at;
    const auth = await logIn({ domain: server.url, env, clock, ask: async () => paste });
    const token = await auth?.getToken();
    const seen = await look(at);
    expect(seen).toMatchObject({ ...info, token: token?.reveal(), warnings: [] });
    expect(asked()).toBe(1);
    const next = await original(at, { do: "repeat", with: {}, times: 1 });
    expect(asked()).toBe(2);
    expect(next.token).not.toBe(token?.reveal());
    expect(read(infoPath)).toEqual({ ...pasted, ...info, jwt_token: next.token });
  });

  test("descarteslabs 39 we read and use the token_info.json that its login wrote", async () => {
    const at = await here();
    at.server.claims = { name: "Ada" };
    const { out } = await original(at, { do: "login", paste });
    expect(out).toContain("Welcome, Ada!");
    const { jwt_token: theirs } = at.read(infoPath) as { jwt_token: string };
    const auth = at.open();
    expect((await auth.getToken()).reveal()).toBe(theirs);
    expect(at.asked()).toBe(1);
    expect(at.warnings).toEqual([]);
    const ours = await auth.getToken({ forceRefresh: true });
    expect(at.read(infoPath)).toEqual({ ...pasted, ...info, jwt_token: ours.reveal() });
    expect(await look(at)).toMatchObject({ ...info, token: ours.reveal(), warnings: [] });
    expect(at.asked()).toBe(2);
  });

  test("descarteslabs 39 our login and its login write the same file", async () => {
    const at = await here();
    const { server, env, home, read } = at;
    server.claims = { name: "Ada" };
    const ask = async (): Promise<string> => paste;
    await logIn({ domain: server.url, env, ask, tokenInfoPath: join(home, "ours.json") });
    await original(at, { do: "login", paste });
    const { jwt_token: _bought, ...theirs } = read(infoPath) as { jwt_token: string };
    expect(read("ours.json")).toEqual(theirs);
  });

  test("descarteslabs 39 the cache goes both ways", async () => {
    const at = await here();
    const parameters = { client_id: cid, client_secret: sec };
    const theirs = await look(at, parameters);
    expect(at.list(".descarteslabs")).toEqual([cachePath.slice(".descarteslabs/".length)]);
    const auth = at.open(pair);
    expect((await auth.getToken()).reveal()).toBe(theirs.token);
    expect(at.asked()).toBe(1);
    const ours = await auth.getToken({ forceRefresh: true });
    expect(at.read(cachePath)).toEqual({ jwt_token: ours.reveal() });
    expect(await look(at, parameters)).toMatchObject({ token: ours.reveal(), warnings: [] });
    expect(at.asked()).toBe(2);
  });

  test("a file at a path of its own goes both ways, with a scope and an older name of the token", async () => {
    const at = await here();
    const path = at.put("t.json", { ...info, scope: ["a", "b"], JWT_TOKEN: at.token(3_600) });
    expect((await at.open({ tokenInfoPath: path }).getToken()).reveal()).toBe(at.token(3_600));
    expect(await look(at, { token_info_path: path })).toMatchObject({
      token: at.token(3_600),
      scope: ["a", "b"],
      warnings: [],
    });
    expect(at.asked()).toBe(0);
    const ours = await at.open({ tokenInfoPath: path, ...pair }).getToken({ forceRefresh: true });
    const parameters = { token_info_path: path, client_id: cid, client_secret: sec };
    expect(await look(at, parameters)).toMatchObject({ token: ours.reveal(), warnings: [] });
    expect(at.asked()).toBe(1);
  });

  test.each([
    [
      { clientId: cid, clientSecret: sec },
      { client_id: cid, client_secret: sec },
    ],
    [
      { clientId: cid, refreshToken: sec, scope: ["x", "y"] },
      { client_id: cid, refresh_token: sec, scope: ["x", "y"] },
    ],
    [
      { clientId: legacyClient, clientSecret: sec },
      { client_id: legacyClient, client_secret: sec },
    ],
  ])("it asks the server as we do: %j", async (ours, theirs) => {
    const at = await here();
    await at.open({ ...ours, tokenInfoPath: null }).getToken();
    await look(at, { ...theirs, token_info_path: null });
    const [first, second] = at.server.received;
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers["content-type"]).toBe(first?.headers["content-type"]);
  });

  test.each([
    { sub: "some|user", org: "some-org", email: "Me@X.com", groups: ["public", "some-org:baz", "other:baz"] },
    { sub: "é|1", groups: ["a:b", ":b", "x:org-admin", ":org-admin", "y:z:resource-admin", "b", "b"] },
    { sub: "s", userid: "", email: "", org: "" },
    { sub: "s", earthdaily__dl__userid: "u", earthdaily__dl__org: "Org", org: "o", groups: ["Org:x", "o:x"] },
  ])("it says the same of a user: %j", async (claims) => {
    const at = await here();
    const jwtToken = at.token(3_600, claims);
    const seen = await look(at, { jwt_token: jwtToken, token_info_path: null });
    const ours = identityOf(await at.open({ jwtToken }).getToken());
    expect({
      payload: ours.payload,
      namespace: ours.namespace,
      all_acl_subjects: ours.allAclSubjects,
      all_acl_subjects_as_set: [...ours.allAclSubjectsAsSet].sort(),
      all_owner_acl_subjects: ours.allOwnerAclSubjects,
      all_owner_acl_subjects_as_set: [...ours.allOwnerAclSubjectsAsSet].sort(),
    }).toEqual(
      Object.fromEntries(Object.entries(seen).filter(([name]) => /^(payload|namespace|all_)/.test(name))),
    );
  });

  test("descarteslabs 40 both renew at once in one file: it is complete at every look", async () => {
    const at = await here();
    at.put(infoPath, { ...pasted, ...info });
    const theirs = original(at, { do: "repeat", with: {}, times: 40 });
    let over = false;
    void theirs.finally(() => {
      over = true;
    });
    const auth = at.open();
    let looks = 0;
    while (!over) {
      await auth.getToken({ forceRefresh: true });
      const { jwt_token: token, ...rest } = at.read(infoPath) as { jwt_token: string };
      expect(rest).toEqual({ ...pasted, ...info });
      expect(token).toMatch(/^ey/);
      looks++;
    }
    await theirs;
    expect(looks).toBeGreaterThan(3);
    expect(await look(at)).toMatchObject({ ...info, warnings: [] });
  });
});
