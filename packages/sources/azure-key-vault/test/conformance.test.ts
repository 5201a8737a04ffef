import { testProvider } from "@auth/testkit";
import { describe, test } from "vitest";
import { fromAzureKeyVault } from "../src/index.ts";
import { refusal } from "./support/vault-double.ts";
import { theVault } from "./support/world.ts";

const world = theVault();
const put = (value: string): void => {
  world.vault.fault(undefined);
  world.vault.add("acme", value);
};

testProvider({
  describe,
  test,
  name: "fromAzureKeyVault",
  create: () =>
    fromAzureKeyVault({ vault: world.vault.url, secret: "acme", credential: world.vault.credential() }),
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
  },
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
});
