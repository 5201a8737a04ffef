// Reads a secret with a credential of its own, behind the proxy that the environment names; prints what became of it, and how often the
// credential was asked.
import { isAuthError, systemClock } from "@auth/core";
import { fromAzureKeyVault } from "../../src/index.ts";

let asked = 0;
const credential = {
  getToken: async () => {
    asked++;
    return { token: process.env["TOKEN"] ?? "", expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};
const clock = { ...systemClock, random: () => 0 };
const provider = fromAzureKeyVault({ vault: process.argv[2] ?? "", secret: "acme", credential, clock });
const outcome = await provider.get().then(
  ({ type }) => type,
  (error: unknown) => (isAuthError(error) ? `${error.code}/${error.reason}` : "something else"),
);
console.log(`${outcome} ${asked}`);
