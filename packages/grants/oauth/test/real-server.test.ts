import { Secret } from "@auth/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientCredentials, privateKeyJwt, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";
import { failure, testContext } from "./context.ts";
import { type RealServer, realServer, type SigningAlgorithm } from "./real-server.ts";

let server: RealServer;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server.close());

/** The token requests that `work` causes. */
async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  const before = server.tokenRequests.length;
  await work();
  return server.tokenRequests.slice(before);
}

describe("client credentials", () => {
  const credential = ({ id, secret }: { id: string; secret: string }) =>
    ({ type: "client-secret", clientId: id, clientSecret: new Secret(secret) }) as const;

  test("SEC-35 a secret full of reserved characters works by Basic, form-encoded", async () => {
    const grant = clientCredentials({ issuer: server.issuer, scopes: ["api:write", "api:read"] });
    const before = Date.now();
    const { accessToken, extra } = await grant.exchange(credential(server.basic), testContext());

    expect(await server.isActive(accessToken.reveal())).toBe(true);
    expect(accessToken.type).toBe("Bearer");
    expect(new Set(accessToken.scopes)).toEqual(new Set(["api:read", "api:write"]));
    expect(accessToken.obtainedAt?.getTime()).toBeGreaterThanOrEqual(before);
    expect(Number(accessToken.expiresAt) - Number(accessToken.obtainedAt)).toBe(3_600_000);
    expect(extra).toEqual({ issuer: server.issuer, tokenOrigin: server.issuer, clientId: server.basic.id });
  });

  test("the secret travels in the body where the client is registered so", async () => {
    const grant = clientCredentials({ issuer: server.issuer, clientAuth: "post" });
    const { accessToken } = await grant.exchange(credential(server.post), testContext());
    expect(await server.isActive(accessToken.reveal())).toBe(true);
  });

  test("SEC-35 a wrong secret is one request: no second way of sending it is tried", async () => {
    for (const clientAuth of ["basic", "post"] as const) {
      const grant = clientCredentials({ issuer: server.issuer, clientAuth });
      const wrong = { ...server[clientAuth], secret: "wrong" };
      const requests = await requestsOf(async () => {
        expect(await failure(grant.exchange(credential(wrong), testContext()))).toMatchObject({
          code: "ERR_AUTH_GRANT",
          reason: "credential-rejected",
          error: "invalid_client",
          status: 401,
          retryable: false,
        });
      });
      expect(requests).toEqual(["client_credentials invalid_client"]);
    }
  });

  test("a scope that the client may not have is refused for good, and named", async () => {
    const grant = clientCredentials({ issuer: server.issuer, scopes: ["api:write"], clientAuth: "post" });
    expect(await failure(grant.exchange(credential(server.post), testContext()))).toMatchObject({
      code: "ERR_AUTH_GRANT",
      reason: "refused",
      error: "invalid_scope",
    });
  });

  test("discovers once for many exchanges at once", async () => {
    const grant = clientCredentials({ issuer: server.issuer });
    const before = server.requests.length;
    await Promise.all([1, 2, 3].map(() => grant.exchange(credential(server.basic), testContext())));
    await grant.exchange(credential(server.basic), testContext());
    const metadata = server.requests.slice(before).filter((request) => request.includes(".well-known"));
    expect(metadata).toEqual(["GET /.well-known/openid-configuration"]);
  });

  test("revokes what it got, and takes an unknown token for revoked", async () => {
    const grant = clientCredentials({ issuer: server.issuer });
    const tokens = await grant.exchange(credential(server.basic), testContext());
    await grant.revoke?.(tokens, testContext(), credential(server.basic));
    expect(await server.isActive(tokens.accessToken.reveal())).toBe(false);
    await grant.revoke?.(tokens, testContext(), credential(server.basic));
  });
});

describe("private key", () => {
  const forms = (["ES256", "RS256", "EdDSA"] as const).flatMap((algorithm) =>
    (["pem", "jwk"] as const).map((form) => ({ algorithm, form })),
  );
  const keyOf = (algorithm: SigningAlgorithm, form: "pem" | "jwk"): Secret => {
    const key = server.signing.keys[algorithm];
    return new Secret(form === "pem" ? key.pem : JSON.stringify(key.jwk));
  };

  test.each(forms)("signs with $algorithm from $form", async ({ algorithm, form }) => {
    const grant = privateKeyJwt({ issuer: server.issuer, scopes: ["api:read"] });
    const { accessToken } = await grant.exchange(
      {
        type: "private-key",
        clientId: server.signing.id,
        privateKey: keyOf(algorithm, form),
        keyId: `key-${algorithm}`,
      },
      testContext(),
    );
    expect(await server.isActive(accessToken.reveal())).toBe(true);
  });

  test("makes the assertion out to the token endpoint if told so", async () => {
    const grant = privateKeyJwt({ issuer: server.issuer, assertionAudience: "token-endpoint" });
    const privateKey = keyOf("ES256", "jwk");
    const credential = { type: "private-key", clientId: server.signing.id, privateKey } as const;
    expect((await grant.exchange(credential, testContext())).accessToken.type).toBe("Bearer");
  });

  test("a key that the server does not know is a refused credential", async () => {
    const grant = privateKeyJwt({ issuer: server.issuer });
    const privateKey = new Secret(server.signing.stranger.pem);
    const credential = { type: "private-key", clientId: server.signing.id, privateKey } as const;
    expect(await failure(grant.exchange(credential, testContext()))).toMatchObject({
      code: "ERR_AUTH_GRANT",
      reason: "credential-rejected",
    });
  });
});

describe("refresh token", () => {
  test("renews, keeps the rotated token, and never gets far with an old one", async () => {
    const grant = refreshToken({ issuer: server.issuer, clientId: server.open.id });
    const credential = {
      type: "refresh-token",
      refreshToken: new Secret(await server.logIn(server.open.id)),
    } as const;
    const first = await grant.exchange(credential, testContext());
    expect(first.refreshToken?.reveal()).not.toBe(credential.refreshToken.reveal());
    const second = await grant.refresh?.(first, testContext());
    expect(await server.isActive(second?.accessToken.reveal() ?? "")).toBe(true);

    expect(await failure(grant.exchange(credential, testContext()))).toMatchObject({
      code: "ERR_AUTH_GRANT",
      reason: "refresh-token-rejected",
      error: "invalid_grant",
    });
    expect(await server.isActive(second?.accessToken.reveal() ?? "")).toBe(false); // the reuse ended the family
  });

  test("takes the client and its secret from the credential", async () => {
    const grant = refreshToken({ issuer: server.issuer });
    const { id, secret } = server.basic;
    const tokens = await grant.exchange(
      {
        type: "refresh-token",
        refreshToken: new Secret(await server.logIn(id)),
        clientId: id,
        clientSecret: new Secret(secret),
      },
      testContext(),
    );
    expect(await server.isActive(tokens.accessToken.reveal())).toBe(true);
  });

  test("a client that signs renews too", async () => {
    const { id, keys } = server.signing;
    const grant = refreshToken({
      issuer: server.issuer,
      clientId: id,
      privateKey: new Secret(JSON.stringify(keys.EdDSA.jwk)),
    });
    const credential = { type: "refresh-token", refreshToken: new Secret(await server.logIn(id)) } as const;
    expect((await grant.exchange(credential, testContext())).refreshToken).toBeDefined();
  });

  test("where the server does not rotate, the token of the source is kept", async () => {
    await using steady = await realServer({ rotate: false });
    const grant = refreshToken({ issuer: steady.issuer, clientId: steady.open.id });
    const credential = {
      type: "refresh-token",
      refreshToken: new Secret(await steady.logIn(steady.open.id)),
    } as const;
    const tokens = await grant.exchange(credential, testContext());
    expect(tokens.refreshToken?.reveal()).toBe(credential.refreshToken.reveal());
  });

  test("SEC-67 revocation ends the refresh token, then the access token", async () => {
    const grant = refreshToken({ issuer: server.issuer, clientId: server.open.id });
    const credential = {
      type: "refresh-token",
      refreshToken: new Secret(await server.logIn(server.open.id)),
    } as const;
    const tokens = await grant.exchange(credential, testContext());
    const before = server.requests.length;
    await grant.revoke?.(tokens, testContext());
    expect(server.requests.slice(before)).toEqual(["POST /token/revocation", "POST /token/revocation"]);
    expect(await server.isActive(tokens.accessToken.reveal())).toBe(false);
    expect(await failure(grant.refresh?.(tokens, testContext()) as Promise<unknown>)).toMatchObject({
      reason: "refresh-token-rejected",
    });
  });
});

describe("password", () => {
  const options = () => ({ issuer: server.issuer, clientId: server.open.id, scopes: ["offline_access"] });

  test("SEC-95 signs a person in with one warning, and renews without the password", async () => {
    const grant = password(options());
    const { name, password: text } = server.person;
    const context = testContext();
    const credential = { type: "password", username: name, password: new Secret(text) } as const;
    const tokens = await grant.exchange(credential, context);
    await grant.exchange(credential, context);
    expect(context.warnings).toEqual(["password-grant"]);

    const renewed = await grant.refresh?.(tokens, context);
    expect(await server.isActive(renewed?.accessToken.reveal() ?? "")).toBe(true);
  });

  test("SEC-95 it is not in the package's index", async () => {
    expect(Object.keys(await import("@auth/oauth")).sort()).toEqual([
      "clientCredentials",
      "deviceCode",
      "privateKeyJwt",
      "refreshToken",
    ]);
  });

  test("a wrong password is a refused credential, sent once", async () => {
    const grant = password(options());
    const requests = await requestsOf(async () => {
      const wrong = { type: "password", username: "alice", password: new Secret("wrong") } as const;
      expect(await failure(grant.exchange(wrong, testContext()))).toMatchObject({
        code: "ERR_AUTH_GRANT",
        reason: "credential-rejected",
        error: "invalid_grant",
      });
    });
    expect(requests).toEqual(["password invalid_grant"]);
  });
});
