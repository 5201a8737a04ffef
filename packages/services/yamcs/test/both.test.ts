import { fixed, type RefreshTokenCredential, Secret } from "@auth/core";
import { describe, expect, test } from "vitest";
import { authInfo, serviceAccount, storedTokens, whoAmI } from "../src/index.ts";
import { odd } from "./support/global-setup.ts";
import { credential, failure, forms, kinds, shown, type World } from "./support/world.ts";
import { type Server, user } from "./support/yamcs-server.ts";

const lifetimeMs = 500_000;

/** A login as another program would hand it over. */
async function kept({
  auth,
  server,
}: World<Server>): Promise<RefreshTokenCredential & { accessToken: Secret }> {
  await auth().getToken();
  const bought = await fetch(`${server.url}/auth/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "password", ...user }).toString(),
  });
  const { access_token: access, refresh_token: refresh } = (await bought.json()) as Record<string, string>;
  server.received.length = 0;
  return {
    type: "refresh-token",
    refreshToken: new Secret(refresh ?? ""),
    accessToken: new Secret(access ?? ""),
  };
}

describe.each(kinds)("%s:", (_, open) => {
  test("yamcs 1 a password login is one form, and its token lives as long as the server says", async () => {
    const { auth, clock, server } = await open();
    const token = await auth().getToken();
    expect(server.log()).toEqual(["POST /auth/token"]);
    expect(server.received[0]?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect([...new URLSearchParams(server.received[0]?.body).keys()]).toEqual([
      "grant_type",
      "username",
      "password",
    ]);
    expect(token.expiresAt?.getTime()).toBe(clock.now() + lifetimeMs);
  });

  test("yamcs 2 a server that takes the bare content type only is content with ours", async () => {
    const { auth, server } = await open();
    const refused = await fetch(`${server.url}/auth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "password", ...user }),
    });
    expect(refused.status).toBe(400);
    expect((await auth().getToken()).type).toBe("Bearer");
  });

  test("yamcs 3 a password of any characters arrives as it is", async () => {
    const { auth, server } = await open();
    const token = await auth({ credentials: credential(odd.username, odd.password) }).getToken();
    expect(token.reveal()).not.toBe("");
    expect(forms(server)[0]).toEqual({ grant_type: "password", ...odd });
  });

  test("yamcs 4 the scheme is Bearer, whatever case the server writes it in", async () => {
    const { auth, api, server } = await open();
    expect((await api(auth())).status).toBe(200);
    expect(shown(server)[0]).toMatch(/^Bearer ey/);
    const lower = await fetch(`${server.url}/api/user`, { headers: { authorization: "bearer x" } });
    expect(lower.status).toBe(400);
  });

  test("yamcs 5 two API calls cost one token request", async () => {
    const { auth, api, server } = await open();
    const one = auth();
    await api(one);
    await api(one);
    expect(server.log()).toEqual(["POST /auth/token", "GET /api/user", "GET /api/user"]);
  });

  test("yamcs 6 an expired token is refreshed before the call, each refresh token once", async () => {
    const { auth, api, clock, server } = await open();
    const one = auth();
    for (let i = 0; i < 3; i++) {
      expect((await api(one)).status).toBe(200);
      await clock.advance(lifetimeMs + 1_000);
    }
    const refreshes = forms(server).slice(1);
    expect(refreshes.map(({ grant_type }) => grant_type)).toEqual(["refresh_token", "refresh_token"]);
    expect(new Set(refreshes.map(({ refresh_token }) => refresh_token)).size).toBe(2);
    expect(server.log().slice(2, 4)).toEqual(["POST /auth/token", "GET /api/user"]);
  });

  test("yamcs 8 SEC-54 twenty calls on an expired token: one refresh", async () => {
    const { auth, api, clock, server } = await open();
    const one = auth();
    await one.getToken();
    await clock.advance(lifetimeMs + 1_000);
    const answers = await Promise.all(Array.from({ length: 20 }, () => api(one)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(forms(server).map(({ grant_type }) => grant_type)).toEqual(["password", "refresh_token"]);
    expect(new Set(shown(server)).size).toBe(1);
  });

  test("yamcs 9 every change of the token is told once, with the token then in use", async () => {
    const { auth, clock, server } = await open();
    const seen: (string | undefined)[] = [];
    const one = auth({ onEvent: ({ type }) => type === "renewed" && seen.push(one.peek()?.reveal()) });
    const used: string[] = [];
    for (let i = 0; i < 3; i++) {
      used.push((await one.getToken()).reveal());
      await clock.advance(lifetimeMs + 1_000);
    }
    expect(seen).toEqual(used);
    expect(forms(server)).toHaveLength(3);
  });

  test("yamcs 10 stored tokens that are good cost no token request", async () => {
    const here = await open();
    const { auth, api, clock, server } = here;
    const stored = { ...(await kept(here)), accessTokenExpiresAt: new Date(clock.now() + lifetimeMs) };
    const one = auth({ grant: storedTokens(server), credentials: fixed(stored) });
    expect((await api(one)).status).toBe(200);
    expect(server.log()).toEqual(["GET /api/user"]);
    expect(shown(server)).toEqual([`Bearer ${stored.accessToken.reveal()}`]);
  });

  test("yamcs 11 stored tokens that have expired are refreshed before the first call", async () => {
    const here = await open();
    const { auth, api, clock, server } = here;
    const stored = { ...(await kept(here)), accessTokenExpiresAt: new Date(clock.now() - 1) };
    const one = auth({ grant: storedTokens(server), credentials: fixed(stored) });
    expect((await api(one)).status).toBe(200);
    expect(server.log()).toEqual(["POST /auth/token", "GET /api/user"]);
    expect(forms(server)[0]).toEqual({
      grant_type: "refresh_token",
      refresh_token: stored.refreshToken.reveal(),
    });
  });

  test("yamcs 13 stored tokens without an expiry: the access token's own counts", async () => {
    const here = await open();
    const { auth, api, clock, server } = here;
    const stored = await kept(here);
    await clock.advance(lifetimeMs + 2_000);
    const one = auth({ grant: storedTokens(server), credentials: fixed(stored) });
    expect((await api(one)).status).toBe(200);
    expect(server.log()).toEqual(["POST /auth/token", "GET /api/user"]);
  });

  test("yamcs 18 a wrong password is sent once, and shown nowhere", async () => {
    const { auth, events, server } = await open();
    const wrong = "a wrong password";
    const one = auth({ credentials: credential(user.username, wrong) });
    expect(await failure(one.getToken())).toBe("GRANT/credential-rejected");
    expect(server.log()).toEqual(["POST /auth/token"]);
    const error: unknown = await one.getToken().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 401 });
    expect(`${(error as Error).stack}${JSON.stringify([error, events, await one.status()])}`).not.toContain(
      wrong,
    );
  });

  test("yamcs 21 SEC-35 a client secret of any characters arrives as it is, with whom to become", async () => {
    const { asService, api, server } = await open();
    const answer = await api(asService());
    expect(await answer.text()).toContain('"operator"');
    expect(forms(server)[0]).toMatchObject({ grant_type: "client_credentials", become: "operator" });
    expect(forms(server)[0]?.["client_secret"]).toMatch(/[+%]/);
    expect(server.received[0]?.headers.authorization).toBeUndefined();
  });

  test("yamcs 22 a service account's token cannot be refreshed: the same again", async () => {
    const { asService, clock, server } = await open();
    const one = asService();
    await one.getToken();
    await clock.advance(lifetimeMs + 1_000);
    await one.getToken();
    expect(forms(server)).toHaveLength(2);
    expect(forms(server)[1]).toEqual(forms(server)[0]);
  });

  test("yamcs 31 whether security is on is asked without a credential", async () => {
    const { server } = await open();
    expect(await authInfo(server)).toEqual({ requireAuthentication: true, spnego: false });
    expect(server.log()).toEqual(["GET /auth"]);
    expect(server.received[0]?.headers).not.toHaveProperty("authorization");
    server.answers.set("/auth", { body: { requireAuthentication: false } });
    expect(await authInfo(server)).toEqual({ requireAuthentication: false, spnego: false });
  });

  test("yamcs 32 who am I", async () => {
    const { auth, server } = await open();
    expect(await whoAmI(auth(), server)).toMatchObject({
      name: "admin",
      superuser: true,
      systemPrivileges: [],
    });
    expect(server.log()).toEqual(["POST /auth/token", "GET /api/user"]);
    expect(server.received[1]?.headers.accept).toBe("application/json");
  });

  test("yamcs 36 a refresh token that is sent twice gets the newest of its chain, and we go on with that", async () => {
    const here = await open();
    const { auth, api, server } = here;
    const stored = fixed(await kept(here));
    const [one, two] = [1, 2].map(() => auth({ grant: storedTokens(server), credentials: stored }));
    for (const each of [one, two]) await each?.getToken();
    for (const each of [one, two, two]) await each?.getToken({ forceRefresh: true });
    const sent = forms(server).map(({ refresh_token }) => refresh_token);
    expect(sent[1]).toBe(sent[0]);
    expect(sent[2]).not.toBe(sent[0]);
    expect(two && (await api(two)).status).toBe(200);
  });

  test("a client's name is sent with every request of ours, its login included", async () => {
    const { auth, server } = await open();
    await whoAmI(auth(), { ...server, userAgent: "control room" });
    expect(server.received.map(({ headers }) => headers["user-agent"])).toEqual([
      "auth-yamcs",
      "control room",
    ]);
  });

  test("a user who is not there cannot be become", async () => {
    const { asService, server } = await open();
    const grant = serviceAccount({ url: server.url, become: "nobody" });
    expect(await failure(asService({ grant }).getToken())).toBe("GRANT/credential-rejected");
  });
});
