import { describe, expect, test } from "vitest";
import { fromAzureKeyVault } from "../src/index.ts";
import { failing, theVault } from "./support/world.ts";

const world = theVault();

describe("SEC-40 the challenge names a service outside the vault's domain", () => {
  test.each([
    "https://elsewhere.localhost",
    "https://ault.localhost",
    "https://vault.localhost.example",
    "https://acme.vault.localhost.",
    "https://x@vault.localhost",
    "http://vault.localhost",
    "vault.localhost",
    "",
  ])("%j: no token is asked for", async (audience) => {
    const { vault } = world;
    vault.challengeFor(audience);
    const credential = vault.credential();
    const provider = fromAzureKeyVault({ vault: vault.url, secret: "acme", credential });
    expect(await failing(provider)).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "challenge-resource" });
    expect(credential.calls).toBe(0);
    vault.challengeFor();
  });

  test("its own domain is right, with a port and a path", async () => {
    const { vault } = world;
    vault.add("acme", "t0ken");
    for (const audience of ["https://localhost", "https://vault.localhost:443/", "https://VAULT.localhost"]) {
      vault.challengeFor(audience);
      const at = { vault: vault.url, secret: "acme", credential: vault.credential() };
      expect(await fromAzureKeyVault(at).get()).toMatchObject({ type: "access-token" });
    }
    vault.challengeFor();
  });
});
