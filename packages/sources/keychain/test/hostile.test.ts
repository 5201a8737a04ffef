import { inspect } from "node:util";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { fromKeychain, keychainStore } from "../src/index.ts";
import { failing } from "./support/failing.ts";
import { type Memory, memory } from "./support/memory.ts";

const alice = { service: "acme", account: "alice" } as const;
const storeIn = ({ keytar }: Memory) =>
  keychainStore({ service: "acme", backend: "keytar", client: keytar, maxItemLength: 512 });

describe("SEC-117 a module that throws what nobody can look at", () => {
  const secret = canary("thrown");
  const hidden = {
    get message(): string {
      throw new Error(secret.value);
    },
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  test.each<[what: string, thrown: unknown]>([
    ["a getter that throws", hidden],
    ["a message that is no text", { message: Object.create(null) as unknown }],
    ["a proxy that is over", proxy],
    ["nothing", undefined],
    ["the secret itself", secret.value],
  ])("%s", async (_what, thrown) => {
    const keychain = memory();
    keychain.onGet = () => {
      throw thrown;
    };
    const client = keychain.napi;
    for (const reading of [
      fromKeychain({ ...alice, backend: "napi", client }).get(),
      keychainStore({ backend: "napi", client }).read("work"),
    ]) {
      const error = await failing(reading);
      expect(error).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "read-failed" });
      secret.check(inspect(error, { depth: 9, showHidden: true }));
    }
  });
});

test("L14 an entry of more than 1 MiB is not read, whatever it holds", async () => {
  const keychain = memory([["acme/alice", "é".repeat(600_000)]]);
  const provider = fromKeychain({ ...alice, backend: "napi", client: keychain.napi, ttlMs: 0 });
  expect(await failing(provider.get())).toMatchObject({
    code: "ERR_AUTH_INVALID",
    reason: "secret-too-large",
  });
  keychain.items.set("acme/alice", "x".repeat(1_048_576));
  expect(await provider.get()).toMatchObject({ type: "access-token" });
});

describe("SEC-13 an item that is made to harm", () => {
  const item = (parts: object): string =>
    JSON.stringify({ schema: 1, owner: ["acme", "work"], generation: "g", value: "v", ...parts });

  test.each([
    ["more remains than a crash leaves", { leftovers: Array.from({ length: 5_000 }, () => ["g", 2_048]) }],
    ["a schema before the first", { schema: 0 }],
    ["half a schema", { schema: 0.5 }],
  ])("%s: no login, and whoever logs in replaces it", async (_what, parts) => {
    const keychain = memory([["acme/work", item(parts)]]);
    const store = storeIn(keychain);
    expect(await failing(store.read("work"))).toMatchObject({ reason: "store-corrupted" });
    expect(await store.write("work", "new", undefined)).toEqual(expect.any(String));
    expect((await store.read("work"))?.value).toBe("new");
  });
});
