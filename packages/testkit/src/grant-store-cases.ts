import assert from "node:assert/strict";
import { type Credential, decodeRecord, type Lock, locked, memoryStore } from "@auth/core";
import { current, type GrantCaseOf } from "./grant-world.ts";

/** What an `Auth` over the grant promises about its store. */
export function grantStoreCases<C extends Credential>(): GrantCaseOf<C>[] {
  return [
    {
      id: "oldAnswer",
      title: "SEC-54 promise 7: a slow old answer does not replace a newer token",
      run: async ({ login, wire, clock, drive, settled }) => {
        // A lock that excludes nobody, as when the lease was lost: only comparing before writing is left.
        const { signal } = new AbortController();
        const none: Lock = { withLock: (_, work) => work({ signal }) };
        const store = locked(memoryStore({ clock }), none);
        const name = "shared";
        const answerSlow = wire.hold();
        const sent = wire.next();
        const slow = login({ store, name });
        slow.catch(() => {}); // looked at below
        await settled("sending", sent);
        await clock.advance(1_000);
        wire.hold()(); // those after it pass
        const fast = await login({ store, name });
        answerSlow();
        const auth = await drive("the slow one", slow);
        const kept = decodeRecord((await first(store))?.value ?? "");
        assert.ok(
          kept.tokens.accessToken.reveal() === current(fast).reveal(),
          "the store keeps what was written first",
        );
        assert.ok(
          (await drive("the slow one", auth.getToken())).reveal() === current(fast).reveal(),
          "the slow one takes what is there",
        );
      },
    },
    {
      id: "savedFirst",
      title: "SEC-58 promise 8: a renewed token set is saved before it is handed out",
      run: async ({ login, wire, clock, drive, settled }) => {
        const inner = memoryStore({ clock });
        const writing = Promise.withResolvers<void>();
        const disk = Promise.withResolvers<void>();
        let slow = false;
        const auth = await login({
          store: {
            ...inner,
            async write(key, value, expected) {
              if (slow) {
                writing.resolve();
                await disk.promise;
              }
              return inner.write(key, value, expected);
            },
          },
        });
        slow = true;
        const old = current(auth);
        auth.reject(old);
        let served = false;
        const renewed = auth.getToken().finally(() => {
          served = true;
        });
        await settled("saving", writing.promise);
        assert.deepEqual([served, wire.busy], [false, false], "nobody has the token before it is saved");
        disk.resolve();
        const token = await drive("renewing", renewed);
        const kept = decodeRecord((await first(inner))?.value ?? "");
        assert.ok(kept.tokens.accessToken.reveal() === token.reveal(), "the store has what was handed out");
      },
    },
  ];
}

async function first(store: ReturnType<typeof memoryStore>): ReturnType<typeof store.read> {
  for await (const key of store.keys?.() ?? []) return store.read(key);
  return undefined;
}
