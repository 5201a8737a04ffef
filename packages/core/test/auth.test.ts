import { AccessToken, createAuth, fixed, type Grant, memoryStore, Secret, type TokenSet } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { expect, test } from "vitest";

function rotating(clock: ReturnType<typeof fakeClock>, lifetimeMs = 3_600_000) {
  const seen: string[] = [];
  let n = 0;
  const issue = (): TokenSet => {
    n++;
    return {
      accessToken: new AccessToken(`at-${n}`, {
        obtainedAt: new Date(clock.now()),
        expiresAt: new Date(clock.now() + lifetimeMs),
      }),
      refreshToken: new Secret(`rt-${n}`),
    };
  };
  const grant: Grant = {
    name: "rotating",
    accepts: ["password"],
    partition: () => "rotating alice",
    exchange: async () => {
      seen.push("exchange");
      return issue();
    },
    refresh: async (tokens) => {
      seen.push(`refresh ${tokens.refreshToken?.reveal()}`);
      return issue();
    },
  };
  return { grant, seen };
}
const credentials = fixed({ type: "password", username: "alice", password: new Secret("pw") });

test("10,000 concurrent first callers make one request", async () => {
  const clock = fakeClock();
  const { grant, seen } = rotating(clock);
  const auth = createAuth({ grant, credentials, clock });
  const tokens = await Promise.all(Array.from({ length: 10_000 }, () => auth.getToken()));
  expect(new Set(tokens).size).toBe(1);
  expect(seen).toEqual(["exchange"]);
});

test("in the early window nobody waits and one refresh runs behind", async () => {
  const clock = fakeClock();
  const { grant, seen } = rotating(clock);
  const auth = createAuth({ grant, credentials, clock });
  const first = await auth.getToken();
  await clock.advance(3_400_000);
  const served = await Promise.all(Array.from({ length: 100 }, () => auth.getToken()));
  expect(new Set(served)).toEqual(new Set([first]));
  await clock.advance(0);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(seen).toEqual(["exchange", "refresh rt-1"]);
});

test("two Auths share a store: the second adopts", async () => {
  const clock = fakeClock();
  const { grant, seen } = rotating(clock);
  const store = memoryStore({ clock });
  const one = createAuth({ grant, credentials, store, clock });
  const two = createAuth({ grant, credentials, store, clock });
  await one.getToken();
  expect((await two.getToken()).reveal()).toBe("at-1");
  await clock.advance(3_600_000);
  const both = await Promise.all([one.getToken(), two.getToken()]);
  expect(both.map((token) => token.reveal())).toEqual(["at-2", "at-2"]);
  expect(seen).toEqual(["exchange", "refresh rt-1"]);
  expect(await one.logout()).toEqual({ complete: true, parts: [{ part: "memory", outcome: "done" }, { part: "store memory", outcome: "done" }] });
});
