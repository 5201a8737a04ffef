import { chain } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { gate } from "./support/gate.ts";
import { absent, failing, link } from "./support/link.ts";
import { rejection, short } from "./support/outcome.ts";

describe("SEC-68 the first winner is kept", () => {
  test("later reads ask it alone, though an earlier link has something now", async () => {
    const [a, b] = [link("a", absent()), link("b", "mine")];
    const provider = chain(a, b);
    await provider.get();
    a.value = "another identity";
    b.value = "mine, rotated";
    expect(await provider.get()).toBe("mine, rotated");
    expect(a.reads).toHaveLength(1);
  });

  test.each(["ERR_AUTH_NOT_FOUND", "ERR_AUTH_UNAVAILABLE"] as const)(
    "its disappearance (%s) is INVALID/winner-gone, not somebody else",
    async (code) => {
      const [a, b] = [link("a", "mine"), link("b", "another identity")];
      const provider = chain(a, b);
      await provider.get();
      a.value = failing(code);
      const error = await rejection(provider.get());
      expect(short(error)).toBe("INVALID/winner-gone");
      expect(error).toMatchObject({ provider: "a" });
      expect(b.reads).toEqual([]);
      a.value = "mine again";
      expect(await provider.get()).toBe("mine again");
    },
  );

  test("its other failures are its own", async () => {
    const a = link("a", "mine");
    const provider = chain(a, link("b", "x"));
    await provider.get();
    const error = failing("ERR_AUTH_UNREACHABLE");
    a.value = error;
    expect(await rejection(provider.get())).toBe(error);
  });

  test("reads that overlap the first one agree on the winner", async () => {
    const [a, b] = [link("a", absent()), link("b", "mine")];
    const slow = gate();
    const provider = chain(a, { ...b, get: () => slow.pass().then(() => "mine") });
    const first = provider.get();
    await slow.arrived();
    a.value = "another identity";
    const second = provider.get();
    slow.open();
    expect(await first).toBe(await second);
  });

  test("and what the other's winner throws is its own failure, wrapped", async () => {
    const { value, check } = canary("chain");
    const [a, b] = [link("a", absent()), link("b", "mine")];
    const slow = gate();
    let reads = 0;
    const late = async (): Promise<string> => {
      await slow.pass();
      if (++reads > 1) throw new Error(value);
      return "mine";
    };
    const provider = chain(a, { ...b, get: late });
    const first = provider.get();
    await slow.arrived();
    const slower = gate();
    a.get = () => slower.pass().then(() => "another identity");
    const second = rejection(provider.get());
    await slower.arrived();
    slow.open();
    await first;
    slower.open();
    const error = await second;
    expect(short(error)).toBe("INVALID/unexpected-failure");
    check(error);
  });

  test("not by the option sticky: false", async () => {
    const [a, b] = [link("a", absent()), link("b", "second")];
    const provider = chain(a, b, { sticky: false });
    expect(await provider.get()).toBe("second");
    a.value = "first";
    expect(await provider.get()).toBe("first");
    a.value = absent();
    b.value = absent();
    expect(short(await rejection(provider.get()))).toBe("EXHAUSTED/no-source-answered");
  });

  test("a failure is not remembered", async () => {
    const a = link("a", absent());
    const provider = chain(a);
    await rejection(provider.get());
    a.value = "found";
    expect(await provider.get()).toBe("found");
  });
});
