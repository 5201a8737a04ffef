import { type Lock, memoryStore, type TokenStore } from "@auth/core";
import { testStore } from "@auth/testkit";
import { describe, test } from "vitest";
import { keychainStore } from "../src/index.ts";
import { inKeyring, inMemory } from "./support/places.ts";

let stores = 0;
let lock = memoryStore() as TokenStore & Lock; // as good as any within one process
for (const { what, there, options, hold } of [inKeyring(), inMemory("napi")]) {
  for (const maxItemLength of [undefined, 512]) {
    const open = (): TokenStore =>
      keychainStore({ service: `acme ${stores}`, lock, maxItemLength, ...options });
    testStore({
      describe: there ? describe : describe.skip,
      test,
      name: `keychainStore, ${what}, items ${maxItemLength ? `of ${maxItemLength}` : "of any length"}`,
      create() {
        stores++;
        lock = memoryStore() as TokenStore & Lock;
        hold(undefined);
        return open();
      },
      open,
      hangMs: 30_000, // each handle has a process
    });
  }
}
