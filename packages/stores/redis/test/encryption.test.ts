import { randomBytes } from "node:crypto";
import { AccessToken, createAuth, encodeRecord, type Grant, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { redisStore } from "../src/index.ts";
import { describeReal, failing, realServer } from "./support/world.ts";

const bytes = randomBytes(32);
const key = new Secret(bytes.toString("base64"));
const encryption = { key };
const other = { key: new Secret(randomBytes(32).toString("hex")) };
const corrupted = { code: "ERR_AUTH_INVALID", reason: "store-corrupted", retryable: false };

describeReal("SEC-8 what lies on the server", () => {
  const real = realServer();

  /** Everything a look at the server shows. */
  async function everything(): Promise<string> {
    const names = await real.admin.keys("*");
    const hashes = await Promise.all(names.map((name) => real.admin.hGetAll(name)));
    return JSON.stringify([names, hashes]);
  }

  test("names of keys hold nothing of a login's name, which may be of any text and length", async () => {
    const store = await real.store({ prefix: "acme:" });
    const secret = canary("name");
    await store.withLock(secret.value, () => store.write(secret.value, "text", undefined));
    await store.write("long ".repeat(10_000), "text", undefined);
    const names = await real.admin.keys("*");
    secret.check(names);
    for (const name of names) expect(name).toMatch(/^acme:\{[\w-]{43}\}:login$/);
    expect(names).toHaveLength(2);
  });

  test("without encryption the token, with it nothing of it", async () => {
    const secret = canary("token");
    await (await real.store({ prefix: "plain:" })).write("key", secret.value, undefined);
    expect(await everything()).toContain(secret.value);
    await real.admin.flushAll();
    const store = await real.store({ encryption });
    const first = await store.write("key", secret.value, undefined);
    const seen = await everything();
    secret.check(seen);
    await store.write("key", secret.value, first);
    expect(await everything()).not.toBe(seen); // the same text never looks the same
  });

  test("a key in base64, base64url or hex, or as a CryptoKey is the same key", async () => {
    const usages: ("encrypt" | "decrypt")[] = ["encrypt", "decrypt"];
    const imported = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, usages);
    const store = await real.store({ encryption });
    await store.write("key", "text", undefined);
    const same = [bytes.toString("base64url"), bytes.toString("hex")].map((text) => new Secret(text));
    for (const each of [...same, imported]) {
      const found = await (await real.store({ encryption: { key: each } })).read("key");
      expect(found?.value).toBe("text");
    }
  });

  test("another key, no key, or no encryption where some is asked for: unreadable, and left as it is", async () => {
    const sealed = await real.store({ encryption });
    const secret = canary("sealed");
    const generation = await sealed.write("key", secret.value, undefined);
    const before = await everything();
    const wrong = await real.store({ encryption: other });
    const plain = await real.store();
    for (const store of [wrong, plain]) {
      const outcome = await failing(store.read("key"));
      expect(outcome).toMatchObject(corrupted);
      secret.check(outcome);
      expect(await store.write("key", "mine", "another generation")).toBeUndefined();
    }
    expect(await everything()).toBe(before);
    expect((await sealed.read("key"))?.generation).toBe(generation);
    await plain.write("open", "anybody's", undefined);
    expect(await failing(sealed.read("open"))).toMatchObject({
      ...corrupted,
      message: expect.stringContaining("is not encrypted"),
    });
  });

  test("tampering shows: every part of it counts, and so does whose it is", async () => {
    const store = await real.store({ encryption });
    await store.write("key", "text", undefined);
    const login = await real.keyOf("login");
    const sealed = Buffer.from((await real.admin.hGet(login, "sealed")) ?? "", "base64url");
    const spoilt = Array.from(sealed, (_, at) => {
      const copy = Buffer.from(sealed);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    });
    const forms = [...spoilt, sealed.subarray(1), sealed.subarray(0, -1), sealed.subarray(0, 5)];
    for (const form of forms) {
      await real.admin.hSet(login, "sealed", form.toString("base64url"));
      expect(await failing(store.read("key"))).toMatchObject(corrupted);
    }
    await real.admin.hSet(login, "sealed", "no base64: \u0000 \u{1f511}");
    expect(await failing(store.read("key"))).toMatchObject(corrupted);
    await real.admin.hSet(login, "sealed", sealed.toString("base64url"));
    expect((await store.read("key"))?.value).toBe("text");
    // The same under another name, or below another prefix, is not the same.
    await store.write("victim", "theirs", undefined);
    const names = (await real.admin.keys("*")).filter((name) => name !== login);
    await real.admin.hSet(names[0] as string, "sealed", sealed.toString("base64url"));
    expect(await failing(store.read("victim"))).toMatchObject(corrupted);
  });

  test("what a former key encrypted can be read, and is encrypted anew", async () => {
    const old = await real.store({ encryption: other });
    const generation = await old.write("key", "text", undefined);
    const store = await real.store({ encryption: { key, previousKeys: [other.key] } });
    expect((await store.read("key"))?.value).toBe("text");
    await store.write("key", "newer", generation);
    expect(await failing(old.read("key"))).toMatchObject(corrupted);
    expect((await (await real.store({ encryption })).read("key"))?.value).toBe("newer");
  });
});

describeReal("SEC-76 what is damaged", () => {
  const real = realServer();
  type Damage = (login: string) => Promise<unknown>;
  const damages: [string, Damage][] = [
    ["of another type", async (name) => [await real.admin.del(name), await real.admin.set(name, "text")]],
    ["without generation", (name) => real.admin.hDel(name, "generation")],
    ["without content", (name) => real.admin.hDel(name, "value")],
    ["larger than any login", (name) => real.admin.hSet(name, "value", "x".repeat(3_000_000))],
    [
      "encrypted",
      async (name) => [await real.admin.hDel(name, "value"), await real.admin.hSet(name, "sealed", "x")],
    ],
  ];

  test.each(damages)("%s: fails alone, and a write that expects nothing replaces it", async (_, damage) => {
    const store = await real.store();
    const generation = await store.write("key", "text", undefined);
    await damage(await real.keyOf("login"));
    await store.write("neighbour", "well", undefined);
    const login = (await real.admin.keys("*")).map((name) => real.admin.dump(name));
    const before = await Promise.all(login);
    expect(await failing(store.read("key"))).toMatchObject(corrupted);
    expect(await store.write("key", "lost", `${generation} of another`)).toBeUndefined();
    expect(await Promise.all((await real.admin.keys("*")).map((name) => real.admin.dump(name)))).toEqual(
      before,
    );
    expect((await store.read("neighbour"))?.value).toBe("well");
    expect(await store.write("key", "new", undefined)).toBeTypeOf("string");
    expect((await store.read("key"))?.value).toBe("new");
  });

  test.each(damages)("%s: can be deleted", async (_, damage) => {
    const store = await real.store();
    await store.write("key", "text", undefined);
    await damage(await real.keyOf("login"));
    expect(await store.delete("key")).toBe(true);
    expect(await real.admin.keys("*")).toEqual([]);
  });

  test("a login replaces what it cannot read", async () => {
    const grant: Grant = {
      name: "example",
      partition: () => "example",
      exchange: async () => ({ accessToken: new AccessToken("new"), refreshToken: new Secret("refresh") }),
      refresh: async () => expect.unreachable("what cannot be read is not refreshed"),
    };
    await (await real.store({ encryption: other })).write(
      "work",
      encodeRecord({ tokens: await grant.exchange(undefined, {} as never) }),
      undefined,
    );
    const auth = createAuth({ grant, name: "work", store: await real.store({ encryption }) });
    expect(await failing(auth.getToken())).toMatchObject(corrupted);
    expect((await auth.login()).reveal()).toBe("new");
    expect((await real.store({ encryption }).then((store) => store.read("work")))?.value).toContain("new");
  });

  test("a login larger than 1 MiB is refused, and nothing is written", async () => {
    const store = redisStore({ client: await real.open() });
    expect(await failing(store.write("key", "x".repeat(1_048_577), undefined))).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "secret-too-large",
    });
    expect(await store.write("key", "x".repeat(1_048_576), undefined)).toBeTypeOf("string");
    expect((await store.read("key"))?.value).toHaveLength(1_048_576);
  });
});
