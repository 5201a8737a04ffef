import { testProvider } from "@auth/testkit";
import { beforeAll, describe, test, vi } from "vitest";
import { fromPrompt } from "../src/index.ts";
import { person } from "./person.ts";

const someone = person();
beforeAll(() => void vi.stubEnv("CI", ""));

const types = (secret: string): void => someone.knows({ "Password for alice": `${secret}\r` });

testProvider({
  describe,
  test,
  name: "fromPrompt",
  create: () => fromPrompt({ username: "alice", input: someone.input, output: someone.output }),
  arrange: {
    present: types,
    absent: () => someone.leaves(),
    slow(secret) {
      someone.knows({});
      return () => types(secret);
    },
  },
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
  codes: { absent: "ERR_AUTH_UNAVAILABLE" },
  skip: {
    denied: "a refusal comes out by asking only, and explain does not ask: see terminal.test.ts",
    unreachable: "a terminal is there or not",
    blank: "a blank answer is asked for again: see terminal.test.ts",
    malformed: "any text is a password",
    halfConfigured: "what is missing is asked for",
    long: "typed key by key, it takes seconds: see terminal.test.ts",
  },
});
