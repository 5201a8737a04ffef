// Reads a secret with a credential of its own, or a client of its own, behind the proxy that the environment names; prints what became
// of it, how often the credential was asked, and the words of a failure.
import { isAuthError, systemClock } from "@auth/core";
import { SecretClient } from "@azure/keyvault-secrets";
import { fromAzureKeyVault } from "../../src/index.ts";

let asked = 0;
const credential = {
  getToken: async () => {
    asked++;
    return { token: process.env["TOKEN"] ?? "", expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};
const clock = { ...systemClock, random: () => 0 };
const [, , vault = ""] = process.argv;
const client = new SecretClient(vault, credential, { retryOptions: { maxRetries: 0 } });
const provider = fromAzureKeyVault({
  vault,
  secret: process.env["SECRET"] ?? "acme",
  clock,
  ...(process.env["CLIENT"] ? { client } : { credential }),
});
let words = "";
const outcome = await provider.get().then(
  ({ type }) => type,
  (error: unknown) => {
    if (!isAuthError(error)) return "something else";
    words = `${error.message}\n`;
    return `${error.code}/${error.reason}`;
  },
);
process.stdout.write(`${outcome} ${asked}\n${words}`);
