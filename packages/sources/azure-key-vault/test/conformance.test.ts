import { testProvider } from "@auth/testkit";
import { describe, test } from "vitest";
import { type AzureTokenCredential, fromAzureKeyVault } from "../src/index.ts";
import { refusal } from "./support/vault-double.ts";
import { theVault } from "./support/world.ts";

const world = theVault();
let gate: Promise<unknown> = Promise.resolve();
const put = (value: string): void => {
  world.vault.fault(undefined);
  world.vault.add("acme", value);
};

function credential(): AzureTokenCredential {
  const ours = world.vault.credential();
  return {
    async getToken(...request) {
      await gate;
      return ours.getToken(...request);
    },
  };
}

testProvider({
  describe,
  test,
  name: "fromAzureKeyVault",
  create: () => fromAzureKeyVault({ vault: world.vault.url, secret: "acme", credential: credential() }),
  arrange: {
    present: (secret) => put(JSON.stringify({ username: "alice", password: secret })),
    absent: () => {
      world.vault.fault(undefined);
      world.vault.remove("acme");
    },
    denied: (secret) => world.vault.fault(refusal(403, "Forbidden", `no: ${secret}`, "ForbiddenByRbac")),
    malformed: (secret) => put(`{"password":"${secret}`),
    halfConfigured: (secret) => put(JSON.stringify({ password: secret })),
    unreachable: (secret) =>
      world.vault.fault({ ...refusal(429, "Throttled", secret), headers: { "retry-after": "60" } }),
    slow: (secret) => {
      put(JSON.stringify({ username: "alice", password: secret }));
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  },
  cleanup: () => {
    gate = Promise.resolve();
  },
  remembersMisses: true,
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
});
