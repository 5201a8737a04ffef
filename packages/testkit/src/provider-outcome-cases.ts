import assert from "node:assert/strict";
import { type AuthErrorCode, explain } from "@auth/core";
import { canary } from "./canary.ts";
import { captureOutput } from "./capture-output.ts";
import { patience } from "./patience.ts";
import { assertAuthError, assertValue, withProvider } from "./provider-shape.ts";
import { sideEffects } from "./side-effects.ts";
import type { Case } from "./suite.ts";
import type { Arrange, ProviderCase, ProviderSuite } from "./test-provider.ts";

type State = "absent" | "denied" | "malformed" | "halfConfigured" | "unreachable";

const titles: Readonly<Record<State, string>> = {
  absent: "absent is an error, not undefined",
  denied: "denied is told apart from absent",
  malformed: "malformed is told apart from absent",
  halfConfigured: "half a credential is an error, not a miss",
  unreachable: "unreachable may be tried again",
};

const usual: Readonly<Record<State, AuthErrorCode>> = {
  absent: "ERR_AUTH_NOT_FOUND",
  denied: "ERR_AUTH_DENIED",
  malformed: "ERR_AUTH_INVALID",
  halfConfigured: "ERR_AUTH_INVALID",
  unreachable: "ERR_AUTH_UNREACHABLE",
};

/** What a provider answers in each state of its source, and that nothing else comes out. */
export function outcomeCases<T>(suite: ProviderSuite<T>): Case<ProviderCase>[] {
  const { create, arrange, codes, reveal } = suite;
  const { settled, rejection } = patience(suite.hangMs);

  function failing(id: State): Case<ProviderCase> {
    const put: Arrange | undefined = arrange[id];
    const code = (id !== "unreachable" && codes?.[id]) || usual[id];
    const run = async (): Promise<void> => {
      const secret = canary(id);
      await put?.(secret.value);
      await withProvider(create, async (provider) => {
        const thrown = await rejection("get", provider.get());
        secret.check(thrown);
        assertAuthError("get", thrown, [code]);
      });
      await withProvider(create, async (provider) => {
        const said = await settled("explain", explain(provider));
        secret.check(said);
        if (provider.interactive && said.outcome === "not-asked") return; // only asking a person would tell
        assert.equal(said.outcome, code, "explain reports the code that get fails with");
      });
    };
    return { id, title: `${titles[id]}: ${code}`, run: put && run, needs: `arrange.${id}` };
  }

  return [
    {
      id: "construction",
      title: "creating it does nothing: no I/O, no timer, no process, no look at the environment",
      run: async () => {
        await arrange.absent();
        assert.deepEqual(await sideEffects(() => create()), [], "creating the provider set this going");
        const provider = create();
        const secret = canary("later");
        await arrange.present(secret.value);
        assert.ok(
          reveal(await settled("get", provider.get())) === secret.value,
          "get finds what came after the construction: nothing was read before",
        );
        await provider[Symbol.asyncDispose]?.();
      },
    },
    {
      id: "name",
      title: "its name is stable, printable and secret-free",
      run: async () => {
        const secret = canary("name");
        await arrange.present(secret.value);
        await withProvider(create, async (provider) => {
          const before = provider.name;
          await settled("get", provider.get());
          assert.match(before, /^[^\p{C}]{1,500}$/u, "the name is one printable line");
          assert.equal(provider.name, before, "the name is the same after a read");
          assert.equal(create().name, before, "the name is the same in every instance");
          secret.check(provider.name, provider);
        });
      },
    },
    {
      id: "present",
      title: "present: a complete, read-only value with its secret behind reveal()",
      run: async () => {
        const secret = canary("present");
        await arrange.present(secret.value);
        await withProvider(create, async (provider) => {
          const value = await settled("get", provider.get());
          assertValue(value, secret);
          assert.ok(reveal(value) === secret.value, "the value holds the arranged secret");
        });
      },
    },
    ...(["absent", "denied", "malformed", "halfConfigured", "unreachable"] as const).map(failing),
    {
      id: "blank",
      title: "a blank secret is absent or refused, never served",
      run: async () => {
        await arrange.present("");
        await withProvider(create, async (provider) => {
          const absent = codes?.absent ?? usual.absent;
          assertAuthError("get", await rejection("get", provider.get()), [absent, "ERR_AUTH_INVALID"]);
        });
      },
    },
    {
      id: "explain",
      title: "explain() finds what get finds, and shows no secret",
      run: async () => {
        const secret = canary("explain");
        await arrange.present(secret.value);
        await withProvider(create, async (provider) => {
          const said = await settled("explain", explain(provider));
          secret.check(said);
          assert.equal(said.provider, provider.name, "explain names the provider");
          assert.equal(said.outcome, provider.interactive ? "not-asked" : "found");
          assert.ok(said.durationMs >= 0, "explain says how long it took");
        });
      },
    },
    {
      id: "output",
      title: "SEC-135 nothing secret reaches standard output or standard error",
      run: async () => {
        const secret = canary("output");
        for (const put of [arrange.present, arrange.malformed, arrange.halfConfigured, arrange.denied]) {
          if (!put) continue;
          await put(secret.value);
          const { stdout, stderr } = await captureOutput(() =>
            withProvider(create, (provider) => settled("get", provider.get()).then(nothing, nothing)),
          );
          secret.check(stdout, stderr);
        }
      },
    },
  ];
}

const nothing = (): void => {};
