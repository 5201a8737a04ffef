import assert from "node:assert/strict";
import { setImmediate as macrotask } from "node:timers/promises";
import type { Provider } from "@auth/core";
import { canary } from "./canary.ts";
import { patience } from "./patience.ts";
import { assertAuthError, withProvider } from "./provider-shape.ts";
import type { Case } from "./suite.ts";
import type { AwkwardValue, ProviderCase, ProviderSuite } from "./test-provider.ts";

const awkward: Readonly<Record<AwkwardValue, { what: string; text: string }>> = {
  spaces: { what: "inner spaces and tabs", text: "correct  horse\tbattery staple" },
  ends: { what: "blanks at its ends", text: " \tcorrect horse \t" },
  punctuation: {
    what: "punctuation",
    text: `a=b&c=%20+"d"'e'\\n$HOME \${X} #f;g,h:i/j?k@l|m<n>{o}[p]\`q\`!*~^(r)`,
  },
  scripts: { what: "several scripts", text: "Pässwörter-пароль-密码-كلمة-סיסמה-パス-🔑-\u00e9-e\u0301" },
  long: { what: "4096 characters", text: "0123456789abcdef".repeat(256) },
};

/** How a provider behaves towards its callers: abort, concurrency, recovery, texts. */
export function readCases<T>(suite: ProviderSuite<T>): Case<ProviderCase>[] {
  const { create, arrange, reveal, codes, remembersMisses = false } = suite;
  const { settled, rejection } = patience(suite.hangMs);

  /** Compares without printing either text. */
  async function finds(provider: Provider<T>, secret: string, forceRefresh = false): Promise<void> {
    const value = await settled("get", provider.get(forceRefresh ? { forceRefresh } : {}));
    assert.ok(reveal(value) === secret, "the value holds the arranged secret, unchanged");
  }

  const { slow } = arrange;
  return [
    {
      id: "abort",
      title: "SEC-28 abort rejects with the signal's own reason, before and during a read",
      run: async () => {
        const secret = canary("abort");
        await arrange.present(secret.value);
        await withProvider(create, async (provider) => {
          const reason = new Error("the caller has left");
          const aborted = AbortSignal.abort(reason);
          const before = await rejection("get with an aborted signal", provider.get({ signal: aborted }));
          assert.ok(before === reason, "the reason is the signal's, not wrapped");

          const leaving = new AbortController();
          const during = provider
            .get({ signal: leaving.signal })
            .then(reveal, (thrown: unknown) => ({ thrown }));
          leaving.abort(reason);
          const outcome = await settled("get, aborted while it reads", during);
          // A source that answers at once may have answered already; arrange.slow leaves it no excuse.
          if (typeof outcome !== "string") assert.ok(outcome.thrown === reason, "the reason is the signal's");
          await finds(provider, secret.value);
        });
      },
    },
    {
      id: "slow",
      title: "SEC-28 abort ends one caller's wait for a slow source, and nobody else's",
      needs: "arrange.slow",
      run:
        slow &&
        (async () => {
          const secret = canary("slow");
          const answer = await slow(secret.value);
          await withProvider(create, async (provider) => {
            const reason = { why: "the caller has left" };
            const leaving = new AbortController();
            const staying = provider.get().then(reveal);
            staying.catch(() => {}); // looked at below
            const left = rejection("get, aborted while it waits", provider.get({ signal: leaving.signal }));
            for (let turn = 0; turn < 10; turn++) await macrotask();
            leaving.abort(reason);
            try {
              assert.ok((await left) === reason, "the reason is the signal's, not wrapped");
            } finally {
              await answer();
            }
            const other = await settled("the other caller's get", staying);
            assert.ok(other === secret.value, "the other caller gets the value");
          });
        }),
    },
    {
      id: "concurrent",
      title: "concurrent reads all get the value",
      run: async () => {
        const secret = canary("concurrent");
        await arrange.present(secret.value);
        await withProvider(create, async (provider) => {
          await Promise.all(Array.from({ length: 16 }, () => finds(provider, secret.value)));
        });
      },
    },
    {
      id: "recovery",
      title: "a failure is not kept: the next read finds what has come",
      run: async () => {
        const secret = canary("recovery");
        await arrange.absent();
        await withProvider(create, async (provider) => {
          for (let time = 0; time < 2; time++) {
            const thrown = await rejection("get", provider.get());
            assertAuthError("get", thrown, [codes?.absent ?? "ERR_AUTH_NOT_FOUND"]);
          }
          await arrange.present(secret.value);
          if (remembersMisses) await finds(provider, secret.value, true);
          await finds(provider, secret.value);
        });
      },
    },
    {
      id: "rotation",
      title: "SEC-69 forceRefresh finds a changed secret",
      run: async () => {
        const [before, after] = [canary("before"), canary("after")];
        await arrange.present(before.value);
        await withProvider(create, async (provider) => {
          await finds(provider, before.value);
          await arrange.present(after.value);
          await finds(provider, after.value, true);
          await finds(provider, after.value);
        });
      },
    },
    {
      id: "dispose",
      title: "disposing twice is harmless",
      run: async () => {
        const secret = canary("dispose");
        await arrange.present(secret.value);
        const provider = create();
        await finds(provider, secret.value);
        for (let time = 0; time < 2; time++)
          await settled("dispose", Promise.resolve(provider[Symbol.asyncDispose]?.()));
        await withProvider(create, (another) => finds(another, secret.value));
      },
    },
    ...Object.entries(awkward).map(([id, { what, text }]) => ({
      id: id as AwkwardValue,
      title: `a secret with ${what} comes back unchanged`,
      run: async () => {
        await arrange.present(text);
        await withProvider(create, (provider) => finds(provider, text));
      },
    })),
  ];
}
