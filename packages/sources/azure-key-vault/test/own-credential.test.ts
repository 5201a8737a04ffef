import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { type AzureTokenCredential, type FromAzureKeyVaultOptions, fromAzureKeyVault } from "../src/index.ts";
import { overPauses } from "./support/over-pauses.ts";
import { failing, theVault } from "./support/world.ts";

const world = theVault();

/** A provider of a secret that is there. */
function signingIn(credential: FromAzureKeyVaultOptions["credential"], options: { ttlMs?: number } = {}) {
  const { vault } = world;
  vault.add("acme", "t0ken");
  return fromAzureKeyVault({ vault: vault.url, secret: "acme", credential, clock: fakeClock(), ...options });
}

describe("a credential of one's own", () => {
  test.each<[string, AzureTokenCredential["getToken"], string, string]>([
    ["gives none", async () => null, "UNAVAILABLE", "no-identity"],
    ["gives an empty one", async () => ({ token: "", expiresOnTimestamp: 1 }), "UNAVAILABLE", "no-identity"],
    ["throws text", () => Promise.reject("words"), "DENIED", "sign-in-refused"],
    [
      "needs a person",
      named("AuthenticationRequiredError", "interaction_required"),
      "INTERACTION_REQUIRED",
      "login-needed",
    ],
    [
      "holds a refresh token that is over",
      named("AuthenticationRequiredError", "AADSTS700082: expired"),
      "INTERACTION_REQUIRED",
      "login-needed",
    ],
    [
      "holds a secret that is over",
      named("AuthenticationRequiredError", "AADSTS7000222: expired"),
      "DENIED",
      "sign-in-refused",
    ],
    [
      "is told to wait",
      named("AuthenticationError", "words", { statusCode: 429 }),
      "UNREACHABLE",
      "server-error",
    ],
    [
      "meets a failing server",
      named("AuthenticationError", "words", { statusCode: 503 }),
      "UNREACHABLE",
      "server-error",
    ],
    [
      "takes too long",
      named("CredentialUnavailableError", "the process timed out"),
      "UNREACHABLE",
      "timeout",
    ],
    [
      "meets no server",
      named("AuthenticationRequiredError", "words", { cause: { cause: { code: "ECONNREFUSED" } } }),
      "UNREACHABLE",
      "network",
    ],
    [
      "finds no metadata endpoint",
      named("CredentialUnavailableError", "ManagedIdentityCredential: Network unreachable.", {
        cause: { code: "ENETUNREACH" },
      }),
      "UNAVAILABLE",
      "no-identity",
    ],
  ])("that %s", async (_what, getToken, code, reason) => {
    const clock = fakeClock();
    const { url: vault } = world.vault;
    const provider = fromAzureKeyVault({ vault, secret: "acme", credential: { getToken }, clock });
    expect(await failing(overPauses(clock, provider.get()))).toMatchObject({
      code: `ERR_AUTH_${code}`,
      reason,
    });
  });

  test("that could sign in before is away, not absent: the old secret is served, and no chain goes on", async () => {
    const { vault } = world;
    const kept = vault.credential();
    let gone = false;
    const provider = signingIn(
      {
        getToken: (...args) =>
          gone ? named("CredentialUnavailableError", "no endpoint")() : kept.getToken(...args),
      },
      { ttlMs: 0 },
    );
    await provider.get();
    gone = true;
    vault.refuseTokens();
    await provider[Symbol.asyncDispose]?.(); // the token is forgotten, what was read is not
    expect(await failing(provider.get({ forceRefresh: true }))).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "no-identity",
    });
  });
});

function named(name: string, message: string, about: object = {}): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(message), { name, ...about }));
}
