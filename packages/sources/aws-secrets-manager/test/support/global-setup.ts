import type { TestProject } from "vitest/node";
import { type Moto, moto } from "./moto.ts";

let emulator: Moto | undefined;

/** One emulator for all test files. */
export async function setup({ provide }: TestProject): Promise<void> {
  emulator = await moto();
  provide("motoUrl", emulator?.url);
}

export async function teardown(): Promise<void> {
  await emulator?.[Symbol.asyncDispose]();
}
