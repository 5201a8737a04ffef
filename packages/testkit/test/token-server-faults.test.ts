import { describe, expect, test } from "vitest";
import { type TokenServer, type TokenServerFault, tokenServer } from "../src/index.ts";
import { clientOf, refresh, resource } from "./server/ask.ts";

describe("the faults", () => {
  const ask = (server: TokenServer, signal?: AbortSignal): Promise<Response> =>
    fetch(server.tokenEndpoint, {
      method: "POST",
      body: new URLSearchParams({ ...clientOf(server), grant_type: "refresh_token", refresh_token: "" }),
      redirect: "manual",
      ...(signal && { signal }),
    });

  test.each<[TokenServerFault, number]>([
    [{ status: 503, retryAfter: 2 }, 503],
    [{ status: 429, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT" }, 429],
    [{ status: 500, body: "<h1>Oops</h1>" }, 500],
    [{ error: "invalid_client", status: 401, description: "who?" }, 401],
    [{ error: "invalid_grant" }, 400],
    ["html", 200],
    ["malformed-json", 200],
    ["not-an-object", 200],
    ["not-utf-8", 200],
    ["huge", 200],
    ["redirect", 307],
  ])("%o: a status of its own, and the request is not processed", async (fault, status) => {
    await using server = await tokenServer();
    await server.fault(fault);
    const response = await ask(server);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.status).toBe(status);
    expect(server.counts).toMatchObject({ tokenRequests: 1, refusals: 0 });
    if (fault === "huge") expect(bytes.length).toBeGreaterThan(2 ** 20);
    if (fault === "not-an-object") expect(JSON.parse(bytes.toString())).toBeInstanceOf(Array);
    if (fault === "malformed-json") expect(() => JSON.parse(bytes.toString())).toThrow(SyntaxError);
    if (fault === "not-utf-8")
      expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow(TypeError);
    if (status === 503) expect(response.headers.get("retry-after")).toBe("2");
    if (status === 401)
      expect(JSON.parse(bytes.toString())).toEqual({ error: "invalid_client", error_description: "who?" });
  });

  test("refused: nobody listens, and it comes back on the same port", async () => {
    await using server = await tokenServer();
    await server.fault("refused");
    await expect(ask(server)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    expect(server.counts.requests).toBe(0);
    await server.fault(undefined);
    expect((await ask(server)).status).toBe(400);
  });

  test("reset: not processed", async () => {
    await using server = await tokenServer();
    await server.fault("reset");
    await expect(ask(server)).rejects.toThrow();
    expect(server.counts).toMatchObject({ tokenRequests: 1, refusals: 0 });
  });

  test.each(["hang", "slow-headers"] as const)("%s: no answer until the caller gives up", async (fault) => {
    await using server = await tokenServer();
    await server.fault(fault);
    const patience = new AbortController();
    const answer = ask(server, patience.signal);
    await server.arrived(1);
    patience.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
  });

  test("trickle: the headers come, the body does not end", async () => {
    await using server = await tokenServer();
    await server.fault("trickle");
    const patience = new AbortController();
    const response = await ask(server, patience.signal);
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value).toHaveLength(1);
    patience.abort(new Error("enough"));
    await expect(reader?.read()).rejects.toThrow("enough");
  });

  test("hold: held until mended, then processed", async () => {
    await using server = await tokenServer();
    await server.fault("hold");
    const seed = server.seedRefreshToken();
    const answer = refresh(server, seed);
    await server.arrived(1);
    expect(server.counts.refreshes).toBe(0);
    await server.fault(undefined);
    expect((await answer).status).toBe(200);
    expect(server.counts.refreshes).toBe(1);
  });

  test.each(["lost-answer", "cut-answer"] as const)(
    "%s: processed, so the refresh token is spent",
    async (fault) => {
      await using server = await tokenServer();
      const seed = server.seedRefreshToken();
      await server.fault(fault);
      await expect(refresh(server, seed)).rejects.toThrow();
      await server.fault(undefined);
      expect((await refresh(server, seed)).body).toEqual({ error: "invalid_grant" });
      expect(server.counts).toMatchObject({ refreshes: 1, reuses: 1 });
    },
  );

  test("fields: other ones in place of the right ones, or none; the refresh token is spent", async () => {
    await using server = await tokenServer();
    await server.fault({ fields: { expires_in: "3600s", token_type: undefined, access_token: "" } });
    const { status, body } = await refresh(server, server.seedRefreshToken());
    expect([status, body]).toEqual([
      200,
      { access_token: "", expires_in: "3600s", refresh_token: expect.any(String) },
    ]);
    await server.fault({ fields: { issuer: "https://else.example" } }, { at: "discovery" });
    const metadata = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({ issuer: "https://else.example", token_endpoint: server.tokenEndpoint });
  });

  test("only so many times, only at one endpoint", async () => {
    await using server = await tokenServer();
    await server.fault({ status: 503 }, { times: 2 });
    await server.fault({ status: 500 }, { at: "resource", times: 1 });
    const seed = server.seedRefreshToken();
    const statuses = [];
    for (let time = 0; time < 3; time++)
      statuses.push((await refresh(server, seed).catch(() => ({ status: 503 }))).status);
    expect(statuses).toEqual([503, 503, 200]);
    expect([await resource(server, "x"), await resource(server, "x")]).toEqual([500, 401]);
  });
});
