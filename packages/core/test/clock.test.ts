import { systemClock } from "@auth/core";
import { afterEach, expect, test, vi } from "vitest";
import { rejection } from "./support/outcome.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The timer that `work` sets: how long, and whether it keeps the process alive. */
function timer(work: () => Promise<unknown>): object {
  const set = vi.spyOn(globalThis, "setTimeout");
  void work();
  const [result] = set.mock.results;
  const handle = result?.value as NodeJS.Timeout;
  clearTimeout(handle);
  const [, ms] = set.mock.calls[0] ?? [];
  set.mockRestore();
  return { ms, keepsAlive: handle.hasRef() };
}

test("the wall clock and the monotonic clock are the system's", () => {
  vi.spyOn(Date, "now").mockReturnValue(1234);
  vi.spyOn(performance, "now").mockReturnValue(56.78);
  expect(systemClock.now()).toBe(1234);
  expect(systemClock.monotonic()).toBe(56.78);
});

test("random numbers lie in [0, 1)", () => {
  const drawn = Array.from({ length: 1_000 }, () => systemClock.random());
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1);
  expect(new Set(drawn).size).toBeGreaterThan(990);
});

test("SEC-51 a wait that a caller waits for keeps the process alive, a background one does not", () => {
  expect(timer(() => systemClock.sleep(60_000))).toEqual({ ms: 60_000, keepsAlive: true });
  const background = { background: true };
  expect(timer(() => systemClock.sleep(60_000, background))).toEqual({ ms: 60_000, keepsAlive: false });
});

test("SEC-51 no timer is longer than the longest there is", () => {
  for (const ms of [2 ** 31, 1e15, Number.POSITIVE_INFINITY])
    expect(timer(() => systemClock.sleep(ms))).toEqual({ ms: 2 ** 31 - 1, keepsAlive: true });
});

test("no wait is shorter than nothing", () => {
  for (const ms of [-1, Number.NEGATIVE_INFINITY])
    expect(timer(() => systemClock.sleep(ms))).toEqual({ ms: 0, keepsAlive: true });
});

test("a wait ends", async () => {
  expect(await systemClock.sleep(0)).toBeUndefined();
});

test("a signal ends a wait with its own reason, and its timer", async () => {
  const clear = vi.spyOn(globalThis, "clearTimeout");
  const controller = new AbortController();
  const wait = rejection(systemClock.sleep(60_000, { signal: controller.signal }));
  controller.abort("enough");
  expect(await wait).toBe("enough");
  expect(clear).toHaveBeenCalledOnce();
});

test("a signal that was aborted before: at once, and no timer is left", async () => {
  const set = vi.spyOn(globalThis, "setTimeout");
  const clear = vi.spyOn(globalThis, "clearTimeout");
  expect(await rejection(systemClock.sleep(60_000, { signal: AbortSignal.abort("before") }))).toBe("before");
  expect(clear.mock.calls.length).toBe(set.mock.calls.length);
});

test("a wait that ended leaves no listener behind", async () => {
  const { signal } = new AbortController();
  const remove = vi.spyOn(signal, "removeEventListener");
  await systemClock.sleep(0, { signal });
  expect(remove).toHaveBeenCalledOnce();
});
