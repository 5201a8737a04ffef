import { testProvider } from "@auth/testkit";
import { describe, test } from "vitest";
import { fromKeychain } from "../src/index.ts";
import { inKeyring, inMemory } from "./support/places.ts";

const json = (secret: string): string => JSON.stringify({ username: "alice", password: secret });
for (const { what, there, options, hold, refuse, slow } of [inKeyring(), inMemory("keytar")]) {
  testProvider({
    describe: there ? describe : describe.skip,
    test,
    name: `fromKeychain, ${what}`,
    create: () => fromKeychain({ service: "acme", account: "login", ...options }),
    arrange: {
      present: (secret) => hold(json(secret)),
      absent: () => hold(undefined),
      denied: (secret) => refuse(json(secret)),
      malformed: (secret) => hold(`{"password":"${secret}`),
      halfConfigured: (secret) => hold(JSON.stringify({ password: secret })),
      ...(slow && { slow: (secret) => slow(json(secret)) }),
    },
    skip: {
      unreachable: "a keychain is here, or is not there at all; one that hangs: see deadline.test.ts",
      ...(!slow && { slow: "nobody makes a real one hang: shown in memory" }),
    },
    remembersMisses: true,
    reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
  });
}
