import { AccessToken, Secret, type TokenSet } from "@auth/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientCredentials, refreshToken } from "../src/index.ts";
import { failure, testContext } from "./context.ts";
import { json, type Script, type ScriptedServer, scriptedServer, status, token } from "./scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const client = { type: "client-secret", clientId: "app", clientSecret: new Secret("s") } as const;
const metadataPath = "/.well-known/openid-configuration";

/** A server whose token endpoint is at `/v1`, and later elsewhere; the old place answers with `old`. */
function moving(old: Script): { readonly script: Script; move(to: string): void } {
  let at = "/v1";
  return {
    move(to) {
      at = to;
    },
    script(response, request) {
      const { origin } = server;
      if (request.path === metadataPath)
        json({ issuer: origin, token_endpoint: at.startsWith("/") ? origin + at : at })(response, request);
      else (request.path === at ? token({ refresh_token: "r2" }) : old)(response, request);
    },
  };
}
const paths = (from: number): string[] => server.requests.slice(from).map(({ path }) => path);

const gone: [string, Script][] = [
  ["404", status(404)],
  ["410", status(410)],
  ["308", status(308, { location: "/v2" })],
];

test.each(gone)(
  "an endpoint that answers %s: the metadata is read again, and the call succeeds",
  async (_, old) => {
    const world = moving(old);
    server.answer(world.script);
    const grant = clientCredentials({ issuer: server.origin });
    await grant.exchange(client, testContext());
    world.move("/v2");
    const before = server.requests.length;
    expect((await grant.exchange(client, testContext())).accessToken.type).toBe("Bearer");
    expect(paths(before)).toEqual(["/v1", metadataPath, "/v2"]);
    await grant.exchange(client, testContext());
    expect(paths(before).slice(3)).toEqual(["/v2"]);
  },
);

test.each(gone)(
  "SEC-62 an endpoint that answers %s and has not moved: one request, one look at the metadata",
  async (_, old) => {
    const world = moving(old);
    server.answer(world.script);
    const grant = clientCredentials({ issuer: server.origin });
    world.move("/v1");
    await grant.exchange(client, testContext());
    server.answer((response, request) =>
      (request.path === metadataPath ? world.script : old)(response, request),
    );
    const before = server.requests.length;
    await failure(grant.exchange(client, testContext()));
    expect(paths(before)).toEqual(["/v1", metadataPath]);
  },
);

test("an endpoint that says what is wrong is there, whatever its status", async () => {
  server.answer(moving(status(500)).script);
  const grant = clientCredentials({ issuer: server.origin });
  await grant.exchange(client, testContext());
  server.answer(json({ error: "invalid_client" }, 404));
  const before = server.requests.length;
  expect(await failure(grant.exchange(client, testContext()))).toMatchObject({
    reason: "credential-rejected",
  });
  expect(paths(before)).toEqual(["/v1"]);
});

test("metadata that cannot be read again leaves what the endpoint said", async () => {
  server.answer(moving(status(500)).script);
  const grant = clientCredentials({ issuer: server.origin });
  await grant.exchange(client, testContext());
  server.answer(status(404));
  expect(await failure(grant.exchange(client, testContext()))).toMatchObject({
    reason: "refused",
    status: 404,
  });
});

test("SEC-36 a refresh token does not follow the endpoint to another origin", async () => {
  const world = moving(status(404));
  server.answer(world.script);
  const grant = refreshToken({ issuer: server.origin, clientId: "app" });
  const stored: TokenSet = {
    accessToken: new AccessToken("old"),
    refreshToken: new Secret("r1"),
    extra: { issuer: server.origin, tokenOrigin: server.origin, clientId: "app" },
  };
  await grant.refresh?.(stored, testContext());
  world.move("https://other.example/token");
  const before = server.requests.length;
  expect(await failure(Promise.resolve(grant.refresh?.(stored, testContext())))).toMatchObject({
    code: "ERR_AUTH_INTERACTION_REQUIRED",
    reason: "issuer-changed",
  });
  expect(paths(before)).toEqual(["/v1", metadataPath]);
});

test("a configured token endpoint is the one that is meant", async () => {
  server.answer(status(404));
  const grant = clientCredentials({ issuer: server.origin, tokenEndpoint: `${server.origin}/v1` });
  const before = server.requests.length;
  expect(await failure(grant.exchange(client, testContext()))).toMatchObject({ status: 404 });
  expect(paths(before)).toEqual(["/v1"]);
});
