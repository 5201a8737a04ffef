import type { GrantContext } from "@auth/core";

/** L6, where core does not say. */
const wholeMs = 60_000;

/** The same context later on: it keeps track of the time that went into what came first, such as the metadata. */
export function counting(context: GrantContext): () => GrantContext {
  const { clock, timeLeftMs = wholeMs } = context;
  const startedAt = clock.monotonic();
  return () => ({ ...context, timeLeftMs: timeLeftMs - (clock.monotonic() - startedAt) });
}

export function timeLeftMs(context: GrantContext): number {
  return context.timeLeftMs ?? wholeMs;
}
