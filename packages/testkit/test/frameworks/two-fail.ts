// Run by node:test, in a process of its own: a source that prints, and calls itself by another name when asked.
import { describe, test } from "node:test";
import { setImmediate as macrotask } from "node:timers/promises";
import { AuthError, type Provider, Secret } from "@auth/core";
import { testProvider } from "@auth/testkit";

let stored = "";
const shelf = (): Provider => ({
  name: "shelf",
  async get({ signal } = {}) {
    signal?.throwIfAborted();
    if (!stored) throw new AuthError("ERR_AUTH_NOT_FOUND", "empty", "shelf: is empty. Put a key on it.");
    for (let turn = 0; turn < 20; turn++) await macrotask(); // the runner writes while a case waits
    console.log(`read ${stored}`);
    return Object.freeze({ type: "api-key", key: new Secret(stored) } as const);
  },
  explain: async () => ({
    provider: "cupboard",
    outcome: stored ? "found" : "ERR_AUTH_NOT_FOUND",
    durationMs: 0,
  }),
});

testProvider({
  describe,
  test,
  name: "shelf",
  create: shelf,
  arrange: {
    present: (secret) => {
      stored = secret;
    },
    absent: () => {
      stored = "";
    },
  },
  reveal: (credential) => (credential.type === "api-key" ? credential.key.reveal() : ""),
  skip: {
    denied: "a shelf has no door",
    malformed: "any text is a key",
    halfConfigured: "a key has one half",
    unreachable: "a shelf is in reach",
    slow: "a shelf answers at once",
  },
});
