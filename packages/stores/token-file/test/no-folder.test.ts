import { existsSync } from "node:fs";
import { isAuthError } from "@auth/core";
import { expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";

test.runIf(existsSync("/proc/self"))("SEC-80 where no folder can be made, it says so at once", async () => {
  const store = tokenFile({ path: "/proc/nowhere/deeper/tokens.json" });
  const began = process.cpuUsage();
  const works = [
    () => store.withLock("a", async () => 1),
    () => store.prepare("a"),
    () => store.write("a", "{}", undefined),
  ];
  for (const work of works) {
    const error: unknown = await work().catch((thrown: unknown) => thrown);
    expect(isAuthError(error)).toBe(true);
    expect(String(error)).toContain("/proc/nowhere");
  }
  expect(process.cpuUsage(began).user).toBeLessThan(5_000_000);
});
