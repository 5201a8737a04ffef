// Keeps a login in the kernel, reads it, and deletes it. Runs in a session of its own.
import { keychainStore } from "../../src/index.ts";

const [service = ""] = process.argv.slice(2);
const store = keychainStore({ service, store: "keyutils" });
const said: unknown[] = [await store.read("work")];
await store.write("work", "text", undefined);
said.push((await store.read("work"))?.value, await store.delete("work"), await store.read("work"));
console.log(said.map(String).join(" "));
