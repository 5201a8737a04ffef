import type { Memory } from "../memory.ts";
import { memoryStore } from "../memory-store.ts";
import type { Setup } from "../setup.ts";
import type { TokenStore } from "../store.ts";

/** The app's store, or one in memory that lives as long as the `Auth`. */
export function storeOf({ store, clock }: Setup, memory: Memory): TokenStore {
  memory.store ??= store ?? memoryStore({ clock });
  return memory.store;
}
