// Reads a secret as a program would, and does nothing to end: the process does so when nothing is left to do.
import { ClientSecretCredential } from "@azure/identity";
import { fromAzureKeyVault } from "../../src/index.ts";
import { resolveLocalhost } from "../support/localhost.ts";

resolveLocalhost();
const env = (name: string): string => process.env[name] ?? "";
const credential = new ClientSecretCredential(env("AZURE_TENANT"), env("AZURE_ID"), env("AZURE_KEY"), {
  authorityHost: env("AUTHORITY"),
  disableInstanceDiscovery: true,
});
const at = { vault: env("VAULT"), secret: "acme", credential };

const kept = fromAzureKeyVault(at);
const disposed = fromAzureKeyVault(at);
const found = await disposed.get();
await disposed[Symbol.asyncDispose]?.();
const { type: after } = await kept.get();
fromAzureKeyVault({
  vault: env("VAULT"),
  secret: "acme",
  credential: { getToken: () => new Promise(() => {}) },
})
  .get()
  .catch(() => {});

// A token that is about to expire, and cannot be renewed: Azure's client tries again in the background, every three seconds.
let calls = 0;
const expiring = fromAzureKeyVault({
  ...at,
  ttlMs: 0,
  credential: {
    async getToken(...args) {
      if (++calls > 1) throw new Error("no more");
      const { token } = await credential.getToken(...args);
      return { token, expiresOnTimestamp: Date.now() + 100_000 };
    },
  },
});
await expiring.get();
await expiring.get();
await expiring[Symbol.asyncDispose]?.();
const { type } = found;
console.log(JSON.stringify({ type, after, token: found.type === "access-token" ? found.token : undefined }));
