import { testProvider } from "@auth/testkit";
import { describe, test } from "vitest";
import { fromFile } from "../src/index.ts";
import { box } from "./temporary.ts";

const { path, write, folder, absent, deny, cleanup, noModes } = box();
const disk = {
  unreachable: "nobody breaks a disk for a test: see from-file.test.ts",
  slow: "nobody makes a disk hang for a test: see from-file.test.ts",
};
const json = (values: object): string => JSON.stringify(values);

testProvider({
  describe,
  test,
  name: "fromFile with JSON",
  create: () => fromFile({ path, format: "json" }),
  arrange: {
    present: (secret) => write(json({ username: "alice", password: secret })),
    absent,
    denied: (secret) => deny(json({ username: "alice", password: secret })),
    malformed: (secret) => write(`{"username":"alice","password":"${secret}"`),
    halfConfigured: (secret) => write(json({ password: secret })),
  },
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
  cleanup,
  skip: { ...noModes, ...disk },
});

testProvider({
  describe,
  test,
  name: "fromFile with a directory",
  create: () => fromFile({ path }),
  arrange: {
    present: (secret) => folder({ "client-id": "app\n", "client-secret": `${secret}\n` }),
    absent,
    malformed: (secret) => folder({ client_id: "app", "client-secret": secret, client_secret: secret }),
    halfConfigured: (secret) => folder({ client_secret: secret }),
  },
  reveal: (credential) => (credential.type === "client-secret" ? credential.clientSecret.reveal() : ""),
  skip: { denied: "shown with JSON", ...disk },
});
