// A program where `@azure/identity` is installed only after its first use.
import { registerHooks } from "node:module";
import { fakeClock } from "@auth/testkit";
import { overPauses } from "../support/over-pauses.ts";

let installed = false;
registerHooks({
  resolve(specifier, context, next) {
    if (installed || specifier !== "@azure/identity") return next(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" });
  },
});
const { fromAzureKeyVault } = await import("../../src/index.ts");

const credential = { getToken: async () => null };
const clock = fakeClock();
const vault = { vault: "https://localhost:1", secret: "acme", clock };
const named = fromAzureKeyVault({ ...vault, credential: "environment" });
const own = fromAzureKeyVault({ ...vault, credential });
const outcomes = [];
for (const provider of [named, own, named]) {
  try {
    await overPauses(clock, provider.get());
  } catch (error) {
    const { code, reason, message } = error as Record<string, unknown>;
    outcomes.push({ code, reason, message });
  }
  installed = provider === own;
}
console.log(JSON.stringify(outcomes));
