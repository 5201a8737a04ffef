import { testProvider } from "@auth/testkit";
import { describe, test } from "vitest";
import { fromEnv } from "../src/index.ts";

const env: Record<string, string> = {};
const set = (values: Record<string, string>): unknown => Object.assign(env, none, values);
const here = {
  denied: "a process may always read its environment",
  unreachable: "a process always reaches its environment",
  slow: "a process's environment answers at once",
};
const none = { ACME: "", ACME_USERNAME: "", ACME_PASSWORD: "" };

testProvider({
  describe,
  test,
  name: "fromEnv with a prefix",
  create: () => fromEnv({ prefix: "ACME", env }),
  arrange: {
    present: (secret) => set({ ACME_USERNAME: "alice", ACME_PASSWORD: secret }),
    absent: () => set({}),
    halfConfigured: (secret) => set({ ACME_PASSWORD: secret }),
  },
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
  skip: {
    ...here,
    malformed: "any text is a password",
  },
});

testProvider({
  describe,
  test,
  name: "fromEnv with a payload",
  create: () => fromEnv({ payload: "ACME", env }),
  arrange: {
    present: (secret) => set({ ACME: JSON.stringify({ api_key: secret }) }),
    absent: () => set({}),
    malformed: (secret) => set({ ACME: `{"api_key":"${secret}"` }),
    halfConfigured: (secret) => set({ ACME: JSON.stringify({ client_secret: secret }) }),
  },
  reveal: (credential) => (credential.type === "api-key" ? credential.key.reveal() : ""),
  skip: here,
});
