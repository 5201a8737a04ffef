import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { failure, loggedIn, world } from "./support/world.ts";

const invalidGrant = { status: 400, body: { error: "invalid_grant" } };

test("yaku 17 a valid token and three commands: no renewal, and nobody is asked who the provider is", async () => {
  const at = await world();
  await loggedIn(at);
  for (let command = 0; command < 3; command++) expect((await at.api(at.person())).status).toBe(200);
  await at.clock.advance(269_000);
  expect((await at.api(at.person())).status).toBe(200);
  expect(await at.person().status()).toMatchObject({ next: "use" });
  expect(at.idp.received).toEqual([]);
  expect(new Set(at.yaku.log())).toEqual(new Set(["GET /api/v1/namespaces"]));
});

test("yaku 18 in the last 30 s one renewal, which is in the file before the API is called", async () => {
  const at = await world();
  await loggedIn(at);
  const [before] = at.file();
  await at.clock.advance(271_000);
  const seen: unknown[] = [];
  const auth = at.person();
  const { createFetch } = await import("@auth/fetch");
  const api = createFetch(auth, {
    origins: [at.yaku.origin],
    fetch: (input, init) => {
      seen.push(at.file()[0]?.["accessToken"], new Headers(init?.headers).get("authorization"));
      return fetch(input, init);
    },
  });
  expect((await at.drive(api(`${at.url}/namespaces`))).status).toBe(200);
  expect(at.idp.forms("/token")).toEqual([
    { grant_type: "refresh_token", refresh_token: before?.["refreshToken"], client_id: "yaku-cli" },
  ]);
  const [after] = at.file();
  expect(after?.["accessToken"]).not.toBe(before?.["accessToken"]);
  expect(after?.["refreshToken"]).not.toBe(before?.["refreshToken"]);
  expect(seen).toEqual([after?.["accessToken"], `Bearer ${String(after?.["accessToken"])}`]);
});

test("yaku 19 SEC-60 a renewal that brings no refresh token keeps the old one", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  const [before] = at.file();
  at.idp.answers.set("/token", [{ body: { access_token: "second", token_type: "bearer", expires_in: 300 } }]);
  await at.clock.advance(280_000);
  expect((await at.drive(auth.getToken())).reveal()).toBe("second");
  expect(at.file()[0]).toMatchObject({ accessToken: "second", refreshToken: before?.["refreshToken"] });
});

test("yaku 20 SEC-61 a refresh token that is refused needs a login; nobody is asked for one, and the file stays as it is", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  const before = JSON.stringify(at.file());
  at.idp.answers.set("/token", [invalidGrant]);
  await at.clock.advance(301_000);
  expect(await at.drive(failure(auth.getToken()))).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(await at.drive(failure(auth.getToken()))).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(at.idp.log()).toEqual(["/token refresh_token"]);
  expect(JSON.stringify(at.file())).toBe(before);
});

test("yaku 21 a login after that asks for what the session had: an administrator stays one", async () => {
  const at = await world();
  await loggedIn(at, ["global"]);
  expect(at.file()[0]?.["session"]).toMatchObject({ scopes: ["global"] });
  at.idp.answers.set("/token", [invalidGrant]);
  await at.clock.advance(301_000);
  const auth = at.person();
  expect(await at.drive(failure(auth.getToken()))).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  at.idp.answers.clear();
  const token = await at.drive(auth.login({ interaction: at.typing() }));
  expect(at.idp.forms("/device/auth")[0]?.["scope"]?.split(" ").sort()).toEqual(["global", "openid"]);
  expect((await at.idp.isActive(token.reveal()))?.scope).toContain("global");
});

test("yaku 21 an administrator who says so is one no longer, and one whom the command line logged in is known by what was granted", async () => {
  const at = await world();
  const auth = await loggedIn(at, ["global"]);
  const [{ session: _, ...theirs } = {}] = at.file() as { session?: unknown }[];
  at.put([{ ...theirs, expiresAt: 1 }]);
  await at.drive(at.person().getToken());
  expect(at.file()[0]?.["session"]).toMatchObject({ scopes: ["global"] });
  await at.drive(auth.login({ interaction: at.typing(), scopes: [] }));
  expect(at.file()[0]?.["session"]).toMatchObject({ scopes: [] });
  expect(at.idp.forms("/device/auth").at(-1)?.["scope"]).toBe("openid");
});

test("yaku 22 the provider is away: an error to try again after, and the tokens stay", async () => {
  const at = await world();
  await loggedIn(at);
  const before = JSON.stringify(at.file());
  await at.clock.advance(301_000);
  at.idp.answers.set("/token", [{ status: 503, body: "" }]);
  const auth = at.person();
  expect(await at.drive(failure(auth.getToken()))).toBe("UNREACHABLE/server-error");
  at.yaku.answers.set("/api/v1/service/authinfo", [{ status: 502, body: "" }]);
  expect(await at.drive(failure(at.person().getToken()))).toBe("UNREACHABLE/server-error");
  expect(JSON.stringify(at.file())).toBe(before);
  expect(at.idp.log().filter((line) => line.startsWith("/device"))).toEqual([]);
  at.idp.answers.clear();
  await at.drive(auth.getToken());
  expect(JSON.stringify(at.file())).not.toBe(before);
});

test("SEC-50 a token that is still good is served while the provider is away", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  const token = await auth.getToken();
  await at.clock.advance(280_000);
  at.idp.answers.set("/token", [{ status: 503, body: "" }]);
  expect((await at.drive(auth.getToken())).reveal()).toBe(token.reveal());
});

test("SEC-63 with an early window of the app's, a token is renewed behind the callers", async () => {
  const at = await world();
  await loggedIn(at);
  const renewed = Promise.withResolvers<void>();
  const onEvent = ({ type }: { type: string }): void => (type === "renewed" ? renewed.resolve() : undefined);
  const auth = at.person({ policy: { refreshAheadMs: 60_000 }, onEvent });
  const token = await auth.getToken();
  await at.clock.advance(250_000);
  expect((await auth.getToken()).reveal()).toBe(token.reveal());
  await renewed.promise;
  expect(auth.peek()?.reveal()).not.toBe(token.reveal());
  expect(at.idp.log()).toEqual(["/token refresh_token"]);
});

test("yaku 23 SEC-56 two processes and one login that is over: one renewal, and both go on", async () => {
  const at = await world();
  await loggedIn(at);
  at.put(at.file().map((each) => ({ ...each, expiresAt: 1 })));
  const command = `
    import { createAuth } from "@auth/core";
    import { createFetch } from "@auth/fetch";
    import { deviceLogin, yakurc } from "@auth/yaku";
    const [url, path] = process.argv.slice(-2);
    const auth = createAuth({ grant: deviceLogin({ url }), store: yakurc({ url, path }), name: "default" });
    const api = createFetch(auth, { origins: [new URL(url).origin] });
    console.log((await api(url + "/namespaces")).status);`;
  const run = () =>
    promisify(execFile)(
      process.execPath,
      [
        "--conditions=src",
        "--no-warnings",
        "--input-type=module",
        `--eval=${command}`,
        "--",
        at.url,
        at.path,
      ],
      { cwd: new URL("..", import.meta.url) },
    );
  const both = await Promise.all([run(), run()]);
  expect(both.map(({ stdout }) => stdout)).toEqual(["200\n", "200\n"]);
  expect(at.idp.log()).toEqual(["/token refresh_token"]);
});

describe("yaku 24 after ten hours only a person can go on", () => {
  test("which is known ahead: nothing is sent", async () => {
    const at = await world();
    const auth = await loggedIn(at);
    const { sessionExpiresAt } = await auth.status();
    expect(sessionExpiresAt?.getTime()).toBe(at.clock.now() + 36_000_000);
    await at.clock.advance(36_000_000);
    expect(await failure(at.person().getToken())).toBe("INTERACTION_REQUIRED/session-ended");
    expect(at.idp.received).toEqual([]);
  });

  test("or said by the provider, for a login of the command line", async () => {
    const at = await world();
    await loggedIn(at);
    const [{ session: _, ...theirs } = {}] = at.file() as { session?: unknown }[];
    at.put([theirs]);
    at.idp.answers.set("/token", [invalidGrant]);
    await at.clock.advance(36_001_000);
    expect(await at.drive(failure(at.person().getToken()))).toBe(
      "INTERACTION_REQUIRED/refresh-token-rejected",
    );
  });

  test("renewals do not move that end", async () => {
    const at = await world();
    const auth = await loggedIn(at);
    const { sessionExpiresAt } = await auth.status();
    await at.clock.advance(280_000);
    await at.drive(auth.getToken());
    const stored = (await at.person().status()).sessionExpiresAt?.getTime() ?? 0;
    expect(stored).toBe(Math.floor((sessionExpiresAt?.getTime() ?? 1) / 1_000) * 1_000);
  });

  test("another end is configured in ms", async () => {
    const at = await world();
    const { deviceLogin } = await import("../src/index.ts");
    const auth = at.person({ grant: deviceLogin({ url: at.url, sessionMs: 60_000 }) });
    await at.drive(auth.login({ interaction: at.typing() }));
    expect((await auth.status()).sessionExpiresAt?.getTime()).toBe(at.clock.now() + 60_000);
  });
});

test("SEC-36 a refresh token does not go to another provider than its own", async () => {
  const at = await world();
  await using other = await world().then(({ idp }) => idp);
  await loggedIn(at);
  await at.clock.advance(301_000);
  at.yaku.answers.set("/api/v1/service/authinfo", [{ body: { wellKnownConfigUrl: other.wellKnown } }]);
  expect(await at.drive(failure(at.person().getToken()))).toBe("INTERACTION_REQUIRED/issuer-changed");
  expect(other.forms("/token")).toEqual([]);
});

test("SEC-67 a logout revokes at the provider, and takes the tokens out of the file", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  const token = await auth.getToken();
  expect(await at.drive(auth.logout())).toMatchObject({ complete: true });
  expect(await at.idp.isActive(token.reveal())).toBeUndefined();
  expect(at.file()).toEqual([{ name: "default", url: at.url, current: true }]);
  expect(await failure(at.person().getToken())).toBe("INTERACTION_REQUIRED/login-needed");
});

test("SEC-27 after a 401 one renewal, and the request once more", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  at.yaku.answers.set("/api/v1/namespaces", [{ status: 401, body: {} }, { body: [] }]);
  expect((await at.api(auth)).status).toBe(200);
  expect(at.idp.log()).toEqual(["/token refresh_token"]);
});

test("SEC-31 SEC-32 an answer that is no good still saves its refresh token", async () => {
  const at = await world();
  const auth = await loggedIn(at);
  at.idp.answers.set("/token", [
    { body: { access_token: "x", token_type: "mac", refresh_token: "new-refresh" } },
  ]);
  await at.clock.advance(301_000);
  expect(await at.drive(failure(auth.getToken()))).toBe("INVALID/token-type");
  expect(at.file()[0]?.["refreshToken"]).toBe("new-refresh");
});
