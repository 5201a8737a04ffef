import { testProvider } from "@auth/testkit";
import { describe, test } from "vitest";
import { fromCommand } from "../src/index.ts";
import { meeting, world } from "./world.ts";

const { plan } = world();
const command = plan({});
const exitCodes = { 13: "denied", 44: "not-found", 69: "unreachable" } as const;
const complain = (exitCode: number, secret = "") => plan({ exitCode, stdout: secret, stderr: secret });
const states = {
  absent: () => complain(44),
  denied: (secret: string) => complain(13, secret),
  unreachable: (secret: string) => complain(69, secret),
};
const json = (secret: string): string => JSON.stringify({ username: "alice", password: secret });

testProvider({
  describe,
  test,
  name: "fromCommand with JSON",
  create: () => fromCommand({ command, exitCodes }),
  arrange: {
    ...states,
    present: (secret) => plan({ stdout: json(secret), stderr: secret }),
    malformed: (secret) => plan({ stdout: json(secret).slice(0, -1) }),
    halfConfigured: (secret) => plan({ stdout: JSON.stringify({ password: secret }) }),
    slow: async (secret) => {
      const { port, guest } = await meeting();
      plan({ port, stdout: json(secret) });
      return async () => (await guest()).release();
    },
  },
  remembersMisses: true,
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
  hangMs: 30_000,
});
