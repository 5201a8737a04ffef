import type { Context } from "./context.ts";
import { clean } from "./text.ts";

/**
 * `--debug`: what other people's code says of its failures is shown to the developer at the terminal, as it comes up. It may
 * quote secrets, so it goes to standard error only, and nowhere where a program reads along (`--json`).
 */
export async function debug(context: Context): Promise<void> {
  const { debug = false, json = false } = context.options;
  if (!debug || json) return;
  const { showForeignWords } = await import("@auth/core/debug");
  const { warn, dim } = context.err;
  context.say(
    warn("auth: --debug shows words of other programs. They may hold secrets: pass them on to nobody."),
  );
  showForeignWords((words) => context.say(dim(clean(words))));
}
