import { AuthError, cached, chain, fixed, memoryStore, type Provider, Secret } from "@auth/core";
import { type ProviderSuite, testProvider, testStore } from "@auth/testkit";
import { describe, test } from "vitest";

testStore({ describe, test, name: "memoryStore", create: () => memoryStore() });

const codes = {
  absent: "ERR_AUTH_NOT_FOUND",
  denied: "ERR_AUTH_DENIED",
  malformed: "ERR_AUTH_INVALID",
  halfConfigured: "ERR_AUTH_INVALID",
  unreachable: "ERR_AUTH_UNREACHABLE",
} as const;

/** A source that can be in every state there is, for `chain` and `cached` to stand in front of. */
const world = { state: "absent" as keyof typeof codes | "present", secret: "", gate: Promise.resolve() };

const vault: Provider = {
  name: "vault",
  async get({ signal } = {}) {
    signal?.throwIfAborted();
    await Promise.race([
      world.gate,
      new Promise((_, leave) => signal?.addEventListener("abort", () => leave(signal.reason))),
    ]);
    const { secret } = world;
    const state = world.state === "present" && !secret ? "absent" : world.state;
    if (state === "present") return Object.freeze({ type: "api-key", key: new Secret(secret) });
    const about = { provider: "vault", cause: new Error(secret) };
    throw new AuthError(codes[state], "arranged", `vault: ${state}; mend it`, about);
  },
};

const put = (state: typeof world.state) => (secret: string) => Object.assign(world, { state, secret });
const suite: Omit<ProviderSuite, "name" | "create"> = {
  describe,
  test,
  arrange: {
    present: put("present"),
    absent: () => put("absent")(""),
    denied: put("denied"),
    malformed: put("malformed"),
    halfConfigured: put("halfConfigured"),
    unreachable: put("unreachable"),
    slow(secret) {
      put("present")(secret);
      const { promise, resolve } = Promise.withResolvers<void>();
      world.gate = promise;
      return resolve;
    },
  },
  reveal: (credential) => (credential.type === "api-key" ? credential.key.reveal() : ""),
  cleanup: () => {
    world.gate = Promise.resolve();
  },
};

const empty: Provider = {
  name: "empty",
  async get({ signal } = {}) {
    signal?.throwIfAborted();
    throw new AuthError("ERR_AUTH_NOT_FOUND", "nothing", "empty: nothing is here, ever", {
      provider: "empty",
    });
  },
};

testProvider({
  ...suite,
  remembersMisses: true,
  name: "cached",
  create: () => cached(vault, { ttlMs: 60_000 }),
});
testProvider({
  ...suite,
  name: "cached, nothing kept",
  create: () => cached(vault, { ttlMs: 0, missMs: 0 }),
});
testProvider({
  ...suite,
  remembersMisses: true,
  name: "cached, old values while unreachable",
  create: () => cached(vault, { ttlMs: 60_000, staleMs: 60_000 }),
});
testProvider({
  ...suite,
  name: "chain",
  create: () => chain(empty, vault),
  codes: { absent: "ERR_AUTH_EXHAUSTED" },
});
testProvider({
  ...suite,
  remembersMisses: true,
  name: "chain without a favourite, around a cache, in a chain",
  create: () => chain(empty, chain(cached(vault, { ttlMs: 60_000 }), empty, { sticky: false })),
  codes: { absent: "ERR_AUTH_EXHAUSTED" },
});

const always = "it has its value from the beginning";
testProvider({
  describe,
  test,
  name: "fixed",
  create: () => fixed({ type: "api-key", key: new Secret(world.secret) }),
  arrange: { present: put("present"), absent: () => undefined },
  reveal: suite.reveal,
  skip: {
    construction: always,
    absent: always,
    blank: "what the program has is not judged",
    denied: always,
    malformed: always,
    halfConfigured: always,
    unreachable: always,
    slow: always,
    recovery: always,
    rotation: always,
  },
});
