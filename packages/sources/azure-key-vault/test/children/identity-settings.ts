// What the credentials of `@azure/identity` are made with, told by classes that only write it down.
import { registerHooks } from "node:module";

const names = ["DefaultAzure", "AzureCli", "ManagedIdentity", "WorkloadIdentity", "Environment"];
const recorder = names
  .map(
    (name) =>
      `export class ${name}Credential { constructor(options) { made.push(["${name}", options]); } getToken() {} }`,
  )
  .join("\n");
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "@azure/identity"
      ? { url: `data:text/javascript,${encodeURIComponent(recorder)}`, shortCircuit: true }
      : next(specifier, context),
});
const made: unknown[] = [];
Object.assign(globalThis, { made });
const { signIn } = await import("../../src/sign-in.ts");

const identity = { tenantId: "t", clientId: "c" };
const place = { source: "s", name: "n", version: undefined };
const { signal } = new AbortController();
const make = (credential: Parameters<typeof signIn>[0]["credential"], host: string, who: object) =>
  signIn({ place: { ...place, vaultUrl: `https://acme.${host}` }, credential, identity: who, signal });

for (const name of ["default", "cli", "managed-identity", "workload-identity", "environment"] as const)
  await make(name, "vault.azure.net", identity);
await make("default", "vault.azure.net", {});
await make("cli", "vault.usgovcloudapi.net", {});
await make("cli", "vault.azure.cn", {});
process.env["AZURE_AUTHORITY_HOST"] = "https://login.example";
await make("cli", "vault.azure.cn", {});
console.log(JSON.stringify(made));
