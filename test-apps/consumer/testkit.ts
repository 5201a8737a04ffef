import { describe, test } from "node:test";
import { AuthError, type Provider, Secret } from "@auth/core";
import { fakeClock, testProvider } from "@auth/testkit";

// The suites work with any test framework: here with Node's own. A case that fails fails the process.
let stored: string | undefined;
const shelf = (): Provider => ({
  name: "shelf",
  async get({ signal } = {}) {
    signal?.throwIfAborted();
    if (!stored) throw new AuthError("ERR_AUTH_NOT_FOUND", "empty", "shelf: is empty. Put a key on it.");
    return Object.freeze({ type: "api-key", key: new Secret(stored) } as const);
  },
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
      stored = undefined;
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

const clock = fakeClock();
const start = clock.now();
await clock.advance(1_000);
if (clock.now() - start !== 1_000) throw new Error("time passes when it is told to");
