import { testProvider } from "@auth/testkit";
import { describe, test } from "vitest";
import { fromAwsSecretsManager } from "../src/index.ts";
import { describeStores } from "./support/world.ts";

describeStores("conformance", (world) => {
  const secret = "team/app";
  const absent = (): Promise<unknown> =>
    world()
      .remove(secret, "for-good")
      .catch(() => {});
  const holds = async (value: object): Promise<void> => {
    await absent();
    await world().create(value, secret);
  };
  const fails = (status: number, type: string) => async (message: string) => {
    await holds({ username: "alice", password: message });
    world().front.fault(...Array.from({ length: 9 }, () => ({ status, type, message })));
  };

  testProvider({
    describe,
    test,
    name: "fromAwsSecretsManager",
    create: () => fromAwsSecretsManager({ secretId: secret, attempts: 1 }),
    arrange: {
      present: (password) => holds({ username: "alice", password }),
      absent,
      denied: fails(400, "AccessDeniedException"),
      malformed: (password) => holds([password]),
      halfConfigured: (password) => holds({ password }),
      unreachable: fails(500, "InternalServiceError"),
      slow: async (password) => {
        await holds({ username: "alice", password });
        world().front.fault("hold");
        return () => world().front.fault();
      },
    },
    remembersMisses: true,
    reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
  });
});
