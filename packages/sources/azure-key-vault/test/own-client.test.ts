import { chain, fixed, Secret } from "@auth/core";
import { EnvironmentCredential, type TokenCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { describe, expect, test } from "vitest";
import { type AzureKeyVaultClient, fromAzureKeyVault } from "../src/index.ts";
import { failing, secretOf, theVault } from "./support/world.ts";

const world = theVault();

describe("a client of one's own", () => {
  test("is used as it is, for many secrets of its vault", async () => {
    const { vault } = world;
    vault.add("one", "1");
    vault.add("two", "2");
    const client = new SecretClient(vault.url, vault.credential());
    const [one, two] = ["one", "two"].map((secret) => fromAzureKeyVault({ secret, client }));
    expect([await one?.get().then(secretOf), await two?.get().then(secretOf)]).toEqual(["1", "2"]);
    expect(one?.name).toBe(`azure-kv acme.vault.localhost:${vault.port}/one`);
    expect(() => fromAzureKeyVault({ secret: "https://other.vault.azure.net/secrets/one", client })).toThrow(
      /another one/,
    );
  });

  test("SEC-40 says by its own check that the challenge names another service", async () => {
    const { vault } = world;
    const credential = vault.credential();
    vault.challengeFor("https://elsewhere.localhost");
    const provider = fromAzureKeyVault({ secret: "one", client: new SecretClient(vault.url, credential) });
    expect(await failing(provider)).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "challenge-resource" });
    expect(credential.calls).toBe(0);
    vault.challengeFor();
  });

  describe("whose credential cannot sign in", () => {
    const named = (name: string, message: string, about: object = {}) => ({
      getToken: () => Promise.reject(Object.assign(new Error(message), { name, ...about })),
    });
    const signIn = "https://login.microsoftonline.com/t/oauth2/v2.0/token";

    test.each<[string, TokenCredential, string, string]>([
      ["is told so by Azure's own library", new EnvironmentCredential(), "UNAVAILABLE", "no-identity"],
      ["has nobody to be", named("CredentialUnavailableError", "words"), "UNAVAILABLE", "no-identity"],
      [
        "has tried everything",
        named("AggregateAuthenticationError", "EnvironmentCredential: words"),
        "UNAVAILABLE",
        "no-identity",
      ],
      [
        "has a secret that is over",
        named("AuthenticationError", "AADSTS7000222: expired", { statusCode: 401 }),
        "DENIED",
        "sign-in-refused",
      ],
      [
        "needs a person",
        named("AuthenticationRequiredError", "interaction_required"),
        "INTERACTION_REQUIRED",
        "login-needed",
      ],
      [
        "meets a failing server",
        named("AuthenticationError", "words", { statusCode: 503 }),
        "UNREACHABLE",
        "server-error",
      ],
      [
        "meets no server",
        named("RestError", "words", { code: "ENOTFOUND", request: { url: signIn } }),
        "UNREACHABLE",
        "network",
      ],
      [
        "is refused by another server than the vault",
        named("RestError", "invalid_client", { statusCode: 401, request: { url: signIn } }),
        "DENIED",
        "sign-in-refused",
      ],
    ])("%s: the sign-in is what failed, and not the vault", async (_, credential, code, reason) => {
      const { vault } = world;
      vault.add("acme", "t0ken");
      const client = new SecretClient(vault.url, credential, { retryOptions: { maxRetries: 0 } });
      const error = await failing(fromAzureKeyVault({ secret: "acme", client }));
      expect(error).toMatchObject({ code: `ERR_AUTH_${code}`, reason });
      expect(error["message"]).not.toMatch(/the vault (?:refuses|failed|cannot|did)/);
    });

    test("a chain goes on to the next source", async () => {
      const { vault } = world;
      const client = new SecretClient(vault.url, named("CredentialUnavailableError", "words"));
      const next = fixed({ type: "access-token", token: new Secret("next") });
      expect(secretOf(await chain(fromAzureKeyVault({ secret: "acme", client }), next).get())).toBe("next");
    });

    test("a vault that refuses its token is the vault still", async () => {
      const { vault } = world;
      vault.fault({ status: 403, body: {}, headers: {} });
      const client = new SecretClient(vault.url, vault.credential());
      expect(await failing(fromAzureKeyVault({ secret: "acme", client }))).toMatchObject({
        code: "ERR_AUTH_DENIED",
        reason: "permission-denied",
      });
      vault.fault(undefined);
    });
  });

  test("is not tried again: it does so itself", async () => {
    let calls = 0;
    const client: AzureKeyVaultClient = {
      async getSecret() {
        calls++;
        throw Object.assign(new Error("words"), { statusCode: 503, code: "ServerBusy" });
      },
    };
    expect(await failing(fromAzureKeyVault({ secret: "s", client }))).toMatchObject({
      reason: "server-error",
    });
    expect(calls).toBe(1);
  });

  test.each([
    ["text", "thrown text", "ERR_AUTH_INVALID", "unexpected-failure"],
    ["nothing", undefined, "ERR_AUTH_INVALID", "unexpected-failure"],
    [
      "its own cause",
      Object.assign(new Error("words"), {
        get cause() {
          return this;
        },
      }),
      "ERR_AUTH_INVALID",
      "unexpected-failure",
    ],
    [
      "a hostile error",
      {
        get code(): never {
          throw new Error("no");
        },
      },
      "ERR_AUTH_INVALID",
      "unexpected-failure",
    ],
    [
      "another copy's error",
      { name: "RestError", statusCode: 403, details: { error: { innerError: { code: "ForbiddenByRbac" } } } },
      "ERR_AUTH_DENIED",
      "no-role",
    ],
  ])("SEC-117 that throws %s", async (_what, thrown, code, reason) => {
    const client: AzureKeyVaultClient = { getSecret: () => Promise.reject(thrown) };
    expect(await failing(fromAzureKeyVault({ secret: "s", client }))).toMatchObject({ code, reason });
  });
});
