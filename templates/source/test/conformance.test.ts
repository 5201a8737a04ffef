import { testProvider } from "@auth/testkit";
import { describe, test } from "vitest";
import { fromThing, type ThingClient } from "../src/index.ts";

// A stand-in for the store. TODO: run the same suite against the real one, or its emulator, where there is one.
let getSecret: ThingClient["getSecret"];
const holds = (value: string): void => {
  getSecret = async () => ({ value });
};
const fails = (name: string, text = ""): void => {
  getSecret = () => Promise.reject(Object.assign(new Error(text), { name }));
};

testProvider({
  describe,
  test,
  name: "fromThing",
  create: () => fromThing({ secret: "prod/acme", client: { getSecret: (...args) => getSecret(...args) } }),
  arrange: {
    present: (secret) => holds(JSON.stringify({ username: "alice", password: secret })),
    absent: () => fails("NotFound"),
    denied: (secret) => fails("Forbidden", secret),
    malformed: (secret) => holds(`{"password":"${secret}`),
    halfConfigured: (secret) => holds(JSON.stringify({ password: secret })),
    unreachable: (secret) => fails("Throttled", secret),
    slow: (secret) => {
      const { promise, resolve } = Promise.withResolvers<{ value: string }>();
      getSecret = () => promise;
      return () => resolve({ value: JSON.stringify({ username: "alice", password: secret }) });
    },
  },
  remembersMisses: true, // it is wrapped in `cached`
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
});
