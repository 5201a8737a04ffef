// Counts a login up, one by one, under its lock, beside other processes that do the same. Arguments: the module of `fileLock`, a folder for
// it, how often.
import type { Lock } from "@auth/core";
import { keychainStore } from "../../src/index.ts";

const [module = "", directory = "", times] = process.argv.slice(2);
const { fileLock } = (await import(module)) as {
  readonly fileLock: (options: { directory: string }) => Lock;
};
const store = keychainStore({ service: "acme", lock: fileLock({ directory }), maxItemLength: 512 });
const padding = "x".repeat(1_000); // several items

for (let time = 0; time < Number(times); time++) {
  await store.withLock?.("count", async () => {
    const found = await store.read("count");
    const count = Number.parseInt(found?.value ?? "0", 10);
    await store.prepare?.("count");
    if (!(await store.write("count", `${count + 1} ${padding}`, found?.generation))) console.log("lost");
  });
}
