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
