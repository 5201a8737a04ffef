// A program where `@azure/identity` was never installed.
import { registerHooks } from "node:module";
import { fakeClock } from "@auth/testkit";

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== "@azure/identity") return next(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" });
  },
});
const { fromAzureKeyVault } = await import("../../src/index.ts");

const credential = { getToken: async () => null };
const clock = fakeClock();
const vault = { vault: "https://localhost:1", secret: "acme", clock };
const outcomes = [];
for (const provider of [fromAzureKeyVault(vault), fromAzureKeyVault({ ...vault, credential })]) {
  try {
    await clock.until(provider.get());
  } catch (error) {
    const { code, reason, message } = error as Record<string, unknown>;
    outcomes.push({ code, reason, message });
  }
}
console.log(JSON.stringify(outcomes));
