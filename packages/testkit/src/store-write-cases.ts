import assert from "node:assert/strict";
import type { TokenStore } from "@auth/core";
import type { StoreCaseOf, StoreWorld } from "./test-store.ts";

/** What is in the store now; fails if it is something else. */
async function holds(
  { open, unwrap, settled }: StoreWorld,
  key: string,
  text: string | undefined,
): Promise<void> {
  const found = await settled("read", (await open()).read(key));
  if (text === undefined) assert.equal(found, undefined, "nothing is there");
  else assert.ok(found && unwrap(found.value) === text, "what is there is what was last written");
}

/** Writes where it must succeed. */
async function put(
  { wrap, settled }: StoreWorld,
  store: TokenStore,
  key: string,
  text: string,
  expected?: string,
): Promise<string> {
  const generation = await settled("write", store.write(key, wrap(text), expected));
  assert.ok(typeof generation === "string" && generation, "the write reports a generation");
  return generation;
}

/** Compare-and-swap, deletion, and keys side by side. */
export const storeWriteCases: readonly StoreCaseOf[] = [
  {
    id: "create",
    title: "a write that expects nothing does not replace what is there",
    run: async (world) => {
      const { store, open, key, wrap } = world;
      await put(world, store, key, "first");
      const second = await (await open()).write(key, wrap("second"), undefined);
      assert.equal(second, undefined, "the write reports that another one is there");
      await holds(world, key, "first");
    },
  },
  {
    id: "generation",
    title: "every write has its own generation, even of the same text, even after deletion",
    run: async (world) => {
      const { store, key, wrap } = world;
      const first = await put(world, store, key, "same");
      const second = await put(world, store, key, "same", first);
      assert.notEqual(second, first);
      assert.equal(await store.write(key, wrap("late"), first), undefined, "the old generation is gone");
      await store.delete(key);
      const third = await put(world, store, key, "same");
      assert.ok(third !== first && third !== second, "the generation is not used again");
      assert.equal(await store.write(key, wrap("late"), second), undefined, "the deleted one stays gone");
      await holds(world, key, "same");
    },
  },
  {
    id: "conflict",
    title: "a write that expects another generation writes nothing",
    run: async (world) => {
      const { store, open, key, wrap } = world;
      assert.equal(await store.write(key, wrap("lost"), "1"), undefined, "nothing was there to be replaced");
      await holds(world, key, undefined);
      const first = await put(world, store, key, "first");
      await put(world, await open(), key, "second", first);
      assert.equal(await store.write(key, wrap("lost"), first), undefined, "somebody else was faster");
      await holds(world, key, "second");
    },
  },
  {
    id: "race",
    title: "of concurrent writes that expect the same generation one wins",
    run: async (world) => {
      const { store, open, key, wrap, settled } = world;
      const handles = [store, await open(), await open(), await open()];
      let generation: string | undefined;
      for (let round = 0; round < 8; round++) {
        const writes = handles.flatMap((handle, at) =>
          ["a", "b"].map(async (twin) => {
            const text = `${round} ${at} ${twin}`;
            return { text, generation: await handle.write(key, wrap(text), generation) };
          }),
        );
        const winners = (await settled("writing", Promise.all(writes))).filter((each) => each.generation);
        assert.equal(winners.length, 1, `round ${round} has one winner`);
        await holds(world, key, winners[0]?.text);
        generation = winners[0]?.generation;
      }
    },
  },
  {
    id: "delete",
    title: "deleting reports whether something was deleted, and only the expected generation is",
    run: async (world) => {
      const { store, open, key, settled } = world;
      assert.equal(await settled("delete", store.delete(key)), false, "nothing was there");
      assert.equal(await store.delete(key, "1"), false, "nothing was there");
      const first = await put(world, store, key, "first");
      const second = await put(world, await open(), key, "second", first);
      assert.equal(await store.delete(key, first), false, "that generation is not there any more");
      await holds(world, key, "second");
      assert.equal(await store.delete(key, second), true);
      await holds(world, key, undefined);
      await put(world, store, key, "again");
      assert.equal(await store.delete(key), true);
      await holds(world, key, undefined);
    },
  },
  {
    id: "keys",
    title: "two keys do not disturb each other",
    run: async (world) => {
      const { store, open, key, other } = world;
      const first = await put(world, store, key, "first");
      await put(world, await open(), other, "second");
      await put(world, store, key, "third", first);
      await holds(world, other, "second");
      if (store.keys) assert.deepEqual((await listed(store)).sort(), [key, other].sort());
      await store.delete(key);
      await holds(world, key, undefined);
      await holds(world, other, "second");
      if (store.keys) assert.deepEqual(await listed(store), [other]);
    },
  },
  {
    id: "awkwardKeys",
    title: "keys of any text are kept apart",
    run: async (world) => {
      const { store } = world;
      const keys = [
        "a/b",
        "a\\b",
        "A/B",
        "a b",
        "../a",
        "__proto__",
        "constructor",
        "ключ-密钥",
        "a\nb",
        "a:*?[b]",
      ];
      for (const key of keys) await holds(world, key, undefined);
      for (const key of keys) await put(world, store, key, `of ${key}`);
      for (const key of keys) await holds(world, key, `of ${key}`);
      if (store.keys) assert.deepEqual((await listed(store)).sort(), [...keys].sort());
    },
  },
  {
    id: "prepare",
    title: "SEC-58 preparing a write changes nothing",
    run: async (world) => {
      const { store, key, wrap, settled } = world;
      await settled("prepare", Promise.resolve(store.prepare?.(key)));
      await holds(world, key, undefined);
      const first = await put(world, store, key, "first");
      await settled("prepare", Promise.resolve(store.prepare?.(key)));
      await holds(world, key, "first");
      assert.equal((await store.read(key))?.generation, first);
      assert.ok(await store.write(key, wrap("second"), first), "the generation still holds");
    },
  },
  {
    id: "handles",
    title: "what one handle writes or deletes, the other sees at once",
    run: async (world) => {
      const { store, open, key } = world;
      const another = await open();
      assert.equal(await another.read(key), undefined);
      const first = await put(world, store, key, "first");
      await holds(world, key, "first");
      const second = await put(world, another, key, "second", first);
      assert.equal((await store.read(key))?.generation, second);
      await another.delete(key);
      assert.equal(await store.read(key), undefined);
    },
  },
  {
    id: "dispose",
    title: "disposing twice is harmless, also for the other handle",
    run: async (world) => {
      const { store, open, key } = world;
      const another = await open();
      await put(world, store, key, "kept");
      if (another === store) return;
      for (let time = 0; time < 2; time++) await another[Symbol.asyncDispose]?.();
      await holds(world, key, "kept");
      await put(world, store, key, "still working", (await store.read(key))?.generation);
    },
  },
];

async function listed(store: TokenStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys?.() ?? []) keys.push(key);
  return keys;
}
