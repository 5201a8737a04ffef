// Which foreign packages are loaded after the import, after making a provider, and after the first read.
import { registerHooks } from "node:module";

const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    const name = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(url)?.[1];
    if (name && !name.startsWith("@auth/")) loaded.add(name);
    return next(url, context);
  },
});
const { fromAzureKeyVault } = await import("../../src/index.ts");
const imported = [...loaded];
const credential = { getToken: async () => null };
const provider = fromAzureKeyVault({ vault: process.env["VAULT"], secret: "acme", credential });
const made = [...loaded];
const { resolveLocalhost } = await import("../support/localhost.ts");
resolveLocalhost();
await provider.get().catch(() => {});
console.log(JSON.stringify({ imported, made, read: [...loaded] }));
