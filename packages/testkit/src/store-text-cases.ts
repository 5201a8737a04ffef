import assert from "node:assert/strict";
import { AccessToken, decodeRecord, encodeRecord, Secret, type TokenRecord } from "@auth/core";
import { canary } from "./canary.ts";
import type { StoreCaseOf, StoreWorld } from "./test-store.ts";

const texts: Readonly<Record<string, string>> = {
  "one character": "x",
  "several scripts": "Zürich-пароль-密码-كلمة-🔑-\u00e9-e\u0301-\u{10ffff}",
  "line breaks": "a\nb\r\nc\rd\n",
  "blanks around": "  \t text \n ",
  "JSON in it": '{"a":[1,null,{"__proto__":{"b":"\\u0000"}}],"generation":"1"}',
  "quotes and backslashes": `"'\`\\ \\n \\" \${x} %s $& <a&amp;b>`,
  "control characters": "\u0000\u0001\u001f\u007f\u0085\u2028\u2029\ufeff",
  "hex-like": "00ff00ff",
};

/** That what is read is what was written. */
export const storeTextCases: readonly StoreCaseOf[] = [
  {
    id: "name",
    title: "its name is stable and printable",
    run: async ({ store, open, key }) => {
      const { name } = store;
      await store.read(key);
      assert.match(name, /^[^\p{C}]{1,500}$/u, "the name is one printable line");
      assert.equal(store.name, name, "the name is the same after a read");
      assert.equal((await open()).name, name, "the name is the same in every handle");
    },
  },
  {
    id: "absent",
    title: "a key that was never written reads as undefined",
    run: async ({ store, key, settled }) => {
      assert.equal(await settled("read", store.read(key)), undefined);
    },
  },
  ...Object.entries(texts).map(([what, text]) => ({
    id: "text" as const,
    title: `a text with ${what} comes back unchanged`,
    run: (world: StoreWorld) => roundTrip(world, text),
  })),
  {
    id: "large",
    title: "64 KiB come back unchanged",
    run: (world) => roundTrip(world, "0123456789abcdefÄ".repeat(4096).slice(0, 65_536)),
  },
  {
    id: "record",
    title: "a token record comes back complete",
    run: async ({ store, open, key }) => {
      const record: TokenRecord = {
        tokens: {
          accessToken: new AccessToken(canary("access").value, {
            expiresAt: new Date(1_800_000_000_000),
            obtainedAt: new Date(1_799_996_400_000),
            scopes: ["read", "write"],
          }),
          refreshToken: new Secret(canary("refresh").value),
          sessionExpiresAt: new Date(1_800_036_000_000),
          extra: { nested: { list: [1, "two", null] } },
        },
        partition: "https://idp.example app",
        scopes: ["write"],
      };
      await store.write(key, encodeRecord(record), undefined);
      const found = decodeRecord((await (await open()).read(key))?.value ?? "");
      assert.ok(
        found.tokens.accessToken.reveal() === record.tokens.accessToken.reveal(),
        "the access token is the one that was written",
      );
      assert.ok(
        found.tokens.refreshToken?.reveal() === record.tokens.refreshToken?.reveal(),
        "the refresh token is the one that was written",
      );
      const facts = ({ tokens, partition, scopes }: TokenRecord): unknown => ({
        expiresAt: tokens.accessToken.expiresAt,
        obtainedAt: tokens.accessToken.obtainedAt,
        granted: tokens.accessToken.scopes,
        id: tokens.accessToken.id,
        sessionExpiresAt: tokens.sessionExpiresAt,
        extra: JSON.stringify(tokens.extra),
        partition,
        scopes,
      });
      assert.deepEqual(facts(found), facts(record));
    },
  },
  {
    id: "secrets",
    title: "SEC-1 the store shows no secret that it keeps",
    run: async ({ store, open, key, wrap }) => {
      const secret = canary("kept");
      const generation = await store.write(key, wrap(secret.value), undefined);
      secret.check(generation, store, store.name, await open());
      for await (const found of store.keys?.() ?? []) secret.check(found);
      const stale = await store.write(key, wrap(secret.value), "a generation that never was").catch(same);
      secret.check(stale);
    },
  },
];

const same = (thrown: unknown): unknown => thrown;

async function roundTrip(world: StoreWorld, text: string): Promise<void> {
  const { store, open, key, wrap, unwrap, settled } = world;
  const generation = await settled("write", store.write(key, wrap(text), undefined));
  assert.ok(generation, "the write reports a generation");
  for (const handle of [store, await open()]) {
    const found = await settled("read", handle.read(key));
    assert.ok(found && unwrap(found.value) === text, "the text that is read is the text that was written");
    assert.equal(found.generation, generation, "the generation that is read is that of the write");
  }
}
