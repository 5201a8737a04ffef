import { generateKeyPairSync } from "node:crypto";
import { Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { privateKeyJwt, refreshToken } from "../src/index.ts";
import { importKey } from "../src/private-key.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import { scriptedServer, token } from "./scripted-server.ts";

describe("a private key is read by what it is", () => {
  test.each(["RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"])("%s", async (algorithm) => {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const pem = new Secret(`\n${await exportPKCS8(privateKey)}\n`);
    const jwk = new Secret(JSON.stringify({ ...(await exportJWK(privateKey)), kid: "from-the-key" }));
    const usual = algorithm === "PS384" ? "RS256" : algorithm;
    expect(await importKey({ privateKey: pem }, "test")).toMatchObject({
      algorithm: usual,
      keyId: undefined,
    });
    expect(await importKey({ privateKey: jwk }, "test")).toMatchObject({
      algorithm: usual,
      keyId: "from-the-key",
    });
    const told = await importKey({ privateKey: pem, algorithm, keyId: "told" }, "test");
    expect(told).toMatchObject({ algorithm, keyId: "told" });
    expect(told.key.extractable).toBe(false);
  });

  test("the key's own `alg` is believed", async () => {
    const { privateKey } = await generateKeyPair("PS256", { extractable: true });
    const jwk: JWK = { ...(await exportJWK(privateKey)), alg: "PS256" };
    expect((await importKey({ privateKey: new Secret(JSON.stringify(jwk)) }, "test")).algorithm).toBe(
      "PS256",
    );
  });
});

describe("a PEM as platforms keep it", () => {
  const pem = async (): Promise<string> => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    return exportPKCS8(privateKey);
  };

  test.each<[string, (pem: string) => string]>([
    ["with a backslash and an n for each line break", (pem) => pem.replaceAll("\n", "\\n")],
    ["with a backslash, an r, a backslash and an n", (pem) => pem.replaceAll("\n", "\\r\\n")],
    ["the same, in quotes that nobody took off", (pem) => `"${pem.replaceAll("\n", "\\n")}"`],
    ["in quotes, with its line breaks", (pem) => `'${pem}'`],
    ["with spaces for line breaks", (pem) => pem.replaceAll("\n", " ")],
    ["with Windows' line breaks", (pem) => pem.replaceAll("\n", "\r\n")],
  ])("%s signs", async (_, kept) => {
    const privateKey = new Secret(kept((await pem()).trim()));
    expect(await importKey({ privateKey }, "test")).toMatchObject({ algorithm: "ES256" });
  });

  test.each<[string, (pem: string) => string, RegExp]>([
    ["its first line only", (pem) => pem.split("\n")[0] ?? "", /breaks off.*line breaks/],
    ["its first half", (pem) => pem.split("\n").slice(0, 2).join("\n"), /breaks off.*line breaks/],
    ["in base64", (pem) => btoa(pem), /in base64/],
    ["with a password", (pem) => pem.replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), /password/],
    ["as PKCS #1", (pem) => pem.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY"), /"RSA PRIVATE KEY".*PKCS #8/],
    [
      "a certificate",
      (pem) => pem.replaceAll("PRIVATE KEY", "CERTIFICATE"),
      /"CERTIFICATE", which cannot sign/,
    ],
  ])("SEC-4 %s is refused by name", async (_, kept, name) => {
    const text = kept((await pem()).trim());
    const error = await failure(importKey({ privateKey: new Secret(text) }, "env KEY"));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "private-key", provider: "env KEY" });
    expect((error as Error).message).toMatch(name);
    for (const line of text.split("\n").slice(1)) expect((error as Error).message).not.toContain(line);
  });
});

describe("a key that cannot sign says so without a word of itself", () => {
  const hidden = canary("key");
  const short = generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey;
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = (key: typeof short, type: "pkcs8" | "sec1" | "pkcs1") =>
    key.export({ type: type as "pkcs8", format: "pem" }).toString();
  test.each<[string, string, string?]>([
    ["nonsense", hidden.value],
    ["empty PEM", `-----BEGIN PRIVATE KEY-----\n${hidden.value}\n-----END PRIVATE KEY-----`],
    ["broken JSON", `{"kty":"EC","d":"${hidden.value}"`],
    ["a symmetric key", JSON.stringify({ kty: "oct", k: Buffer.from(hidden.value).toString("base64url") })],
    ["an unknown kind", JSON.stringify({ kty: "XX", d: hidden.value })],
    ["a public key", JSON.stringify(ec.publicKey.export({ format: "jwk" }))],
    ["RSA of 1024 bits", pem(short, "pkcs8")],
    ["PKCS #1", pem(generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey, "pkcs1")],
    ["SEC 1", pem(ec.privateKey, "sec1")],
    ["an algorithm of another kind", pem(ec.privateKey, "pkcs8"), "RS256"],
    ["an algorithm nobody knows", pem(ec.privateKey, "pkcs8"), "none"],
    ["a symmetric algorithm", pem(ec.privateKey, "pkcs8"), "HS256"],
  ])("SEC-4 %s", async (_, text, algorithm) => {
    await using server = await scriptedServer(token());
    const grant = privateKeyJwt({ issuer: server.origin, tokenEndpoint: server.tokenEndpoint });
    const error = await failure(
      grant.exchange(
        {
          type: "private-key",
          clientId: "app",
          privateKey: new Secret(text),
          source: "file key.pem",
          ...(algorithm !== undefined && { algorithm }),
        },
        testContext(),
      ),
    );
    expect(error).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "private-key",
      provider: "file key.pem",
    });
    expect(error).not.toHaveProperty("cause");
    hidden.check(error);
    expect(server.requests).toEqual([]);
  });
});

describe("the assertion", () => {
  async function assertion(assertionAudience?: "issuer" | "token-endpoint") {
    await using server = await scriptedServer(token());
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const grant = privateKeyJwt({
      issuer: server.origin,
      tokenEndpoint: server.tokenEndpoint,
      timeoutMs: 60_000,
      ...(assertionAudience && { assertionAudience }),
    });
    const credential = {
      type: "private-key",
      clientId: "app",
      privateKey: new Secret(await exportPKCS8(privateKey)),
      keyId: "k1",
    } as const;
    await grant.exchange(credential, testContext({ clock: hastyClock(Date.UTC(2026, 0, 1)) }));
    const form = new URLSearchParams(server.requests[0]?.body);
    const [header, payload] = (form.get("client_assertion") ?? "").split(".");
    const part = (text = "") => JSON.parse(Buffer.from(text, "base64url").toString());
    return { form, header: part(header), payload: part(payload), server };
  }

  test("names the client, the server and the key, lasts a minute, and follows our clock", async () => {
    const { form, header, payload, server } = await assertion();
    const now = Date.UTC(2026, 0, 1) / 1_000;
    expect(form.get("client_assertion_type")).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    expect(header).toEqual({ alg: "ES256", kid: "k1" });
    expect(payload).toEqual({
      iss: "app",
      sub: "app",
      aud: server.origin,
      iat: now,
      exp: now + 60,
      jti: expect.stringMatching(/^[\w-]{43}$/), // SEC-12: 32 random bytes
    });
  });

  test("is made out to the token endpoint on request", async () => {
    const { payload, server } = await assertion("token-endpoint");
    expect(payload.aud).toBe(server.tokenEndpoint);
  });
});

test("a client that should sign but has no key is a TypeError, and one without its secret an error with 0 requests", async () => {
  await using server = await scriptedServer(token());
  const options = { issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "app" };
  expect(() => refreshToken({ ...options, clientAuth: "private_key_jwt" })).toThrow(TypeError);
  expect(() => refreshToken({ ...options, clientSecret: "plain" as unknown as Secret })).toThrow(/Secret/);
  const error = await failure(
    refreshToken({ ...options, clientAuth: "basic" }).exchange(
      { type: "refresh-token", refreshToken: new Secret("r") },
      testContext(),
    ),
  );
  expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "client-secret-missing" });
  expect(server.requests).toEqual([]);
});
