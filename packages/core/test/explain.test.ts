import {
  AuthError,
  type Credential,
  cached,
  chain,
  type Explanation,
  explain,
  fixed,
  type Provider,
  Secret,
} from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { expect, test } from "vitest";
import { rejection, short } from "./support/outcome.ts";

const absent: Provider = {
  name: "env ACME_*",
  get: async () => {
    throw new AuthError("ERR_AUTH_NOT_FOUND", "not-set", "env ACME_*: not set");
  },
};
const key = fixed<Credential>(
  { type: "api-key", key: new Secret("k"), version: "v7", expiresAt: new Date(0) },
  "vault prod",
);
/** Of the sources alone, without the one thing that is never the same. */
const untimed = (explanation: Explanation): object =>
  Object.fromEntries(
    Object.entries(explanation).filter(([name]) => name !== "durationMs" && name !== "server"),
  );

test("what a read finds, secret-free", async () => {
  const explanation = await explain(key);
  expect(explanation).toMatchObject({
    provider: "vault prod",
    outcome: "found",
    version: "v7",
    expiresAt: new Date(0),
  });
  expect(explanation.durationMs).toBeGreaterThanOrEqual(0);
});

test("why it finds nothing: code, reason and the words for it", async () => {
  expect(untimed(await explain(absent))).toEqual({
    provider: "env ACME_*",
    outcome: "ERR_AUTH_NOT_FOUND",
    reason: "not-set",
    message: "env ACME_*: not set",
  });
});

test("a chain, every link: those after the winner too", async () => {
  const provider = chain<unknown>(absent, key, fixed("x", "file a.json"));
  for (const explanation of [await explain(provider), await provider.explain?.()]) {
    expect(explanation?.outcome).toBe("found");
    expect(explanation?.links?.map(({ provider: name, outcome, winner }) => [name, outcome, winner])).toEqual(
      [
        ["env ACME_*", "ERR_AUTH_NOT_FOUND", undefined],
        ["vault prod", "found", true],
        ["file a.json", "found", undefined],
      ],
    );
  }
});

test("chains in depth", async () => {
  const { links } = await explain(chain<unknown>(chain(absent), chain(absent, chain(key))));
  expect(links?.map(({ outcome, winner }) => [outcome, winner])).toEqual([
    ["ERR_AUTH_EXHAUSTED", undefined],
    ["found", true],
  ]);
  expect(links?.[1]?.links?.[1]?.links?.[0]).toMatchObject({ provider: "vault prod", winner: true });
});

test("a chain that stops: its outcome is the failure, and there is no winner", async () => {
  const locked: Provider = {
    name: "keychain",
    get: async () => {
      throw new AuthError("ERR_AUTH_DENIED", "locked", "keychain: locked");
    },
  };
  const { outcome, links } = await explain(chain(absent, locked, key));
  expect(outcome).toBe("ERR_AUTH_DENIED");
  expect(links?.some(({ winner }) => winner)).toBe(false);
});

test("what would ask a person is listed, not asked", async () => {
  let asked = 0;
  const prompt: Provider = {
    name: "prompt",
    interactive: true,
    get: async () => {
      asked++;
      throw new Error("asked");
    },
  };
  expect(untimed(await explain(prompt))).toEqual({
    provider: "prompt",
    outcome: "not-asked",
    reason: "interactive",
  });
  const { outcome, links } = await explain(chain(absent, prompt));
  expect(links?.[1]?.outcome).toBe("not-asked");
  expect(outcome).not.toBe("found");
  expect(asked).toBe(0);
});

test("a link behind one that would ask a person is no winner: the person is asked first", async () => {
  const prompt: Provider = {
    name: "prompt",
    interactive: true,
    get: () => Promise.reject(new Error("asked")),
  };
  const { links } = await explain(chain(prompt, key));
  expect(links?.map(({ winner }) => winner)).toEqual([undefined, undefined]);
});

test("the kept winner of a chain is the winner", async () => {
  let there = false;
  const late: Provider = {
    name: "late",
    get: async () => (there ? { type: "api-key", key: new Secret("k") } : absent.get()),
  };
  const provider = chain(late, key);
  await provider.get();
  there = true;
  const { links } = await explain(provider);
  expect(links?.map(({ winner }) => winner)).toEqual([undefined, true]);
});

test("a cached provider is explained by a read of its source", async () => {
  let reads = 0;
  const source: Provider<string> = { name: "vault", get: async () => `${++reads}` };
  const provider = cached(source, { ttlMs: 1_000, clock: fakeClock() });
  await provider.get();
  expect(await explain(provider)).toMatchObject({ provider: "vault", outcome: "found" });
  expect(reads).toBe(2);
});

test("SEC-28 an abort rejects with the signal's reason", async () => {
  const hanging: Provider = {
    name: "slow",
    get: ({ signal } = {}) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  };
  const controller = new AbortController();
  const explanation = rejection(explain(chain(hanging), { signal: controller.signal }));
  controller.abort("enough");
  expect(await explanation).toBe("enough");
});

test("SEC-117 whatever a source throws is an outcome, and is not quoted", async () => {
  const { value, check } = canary("explain");
  for (const thrown of [new Error(value), value, undefined, { value }]) {
    const broken: Provider = {
      name: "broken",
      get: () => {
        throw thrown;
      },
    };
    const explanation = await explain(chain(broken, key));
    expect(explanation.outcome).toBe("ERR_AUTH_INVALID");
    expect(explanation.links?.[0]).toMatchObject({
      outcome: "ERR_AUTH_INVALID",
      reason: "unexpected-failure",
    });
    check(explanation);
  }
});

test("SEC-117 a source whose own explain throws does not take the others' with it", async () => {
  const { value, check } = canary("explain");
  const broken: Provider = {
    name: "broken",
    get: () => absent.get(),
    explain: () => {
      throw new Error(value);
    },
  };
  const alone = await explain(broken).catch((error: unknown) => error);
  check(alone);
  const { links } = await explain(chain(broken, key));
  expect(links).toHaveLength(2);
  expect(links?.[0]).toMatchObject({ provider: "broken", outcome: "ERR_AUTH_INVALID" });
});

test("SEC-1 no secret in any explanation", async () => {
  const { value, check } = canary("explain");
  const secret = new Secret(value);
  const password = fixed({ type: "password", username: "alice", password: secret }, "file");
  check(
    await explain(
      chain<unknown>(absent, password, fixed(value, "bare"), fixed({ token: secret, extra: value }, "odd")),
    ),
  );
  expect(short(await rejection(absent.get()))).toBe("NOT_FOUND/not-set");
});
