/** Where errors.ts looks: the error's brand, so that every copy of this package hears of it. */
const slot = Symbol.for("auth.AuthError");

type Global = { [slot]?: ((thrown: unknown) => void) | undefined };

/**
 * Shows what errors withhold. From now on, whenever a foreign error (of a plugin, an SDK, the runtime) becomes one of ours,
 * its own words are handed to `write` first: stack and message, and those of its causes. The errors themselves stay without.
 * Resolves nothing and changes nothing else; call the result to end it.
 *
 * **The risk:** foreign errors tend to quote their input, so what is written may hold passwords and tokens. Use it on your own
 * terminal while you look for a mistake, never where output is collected. No environment variable turns it on.
 *
 * @example
 * ```ts
 * const stop = showForeignWords((text) => console.error(text));
 * ```
 */
export function showForeignWords(write: (text: string) => void): () => void {
  if (typeof write !== "function")
    throw new TypeError("showForeignWords: expected a function that takes text");
  const global = globalThis as Global;
  const mine = (thrown: unknown): void => write(words(thrown, 5).slice(0, 65_536));
  const before = global[slot];
  global[slot] = mine;
  return () => {
    if (global[slot] === mine) global[slot] = before;
  };
}

/** Message and stack, and those of its causes. Nothing else: what hangs on an error beside them is even less meant to be read. */
function words(thrown: unknown, depth: number): string {
  const own = look(thrown, "stack") ?? look(thrown, "message") ?? text(thrown);
  const causes = [look(thrown, "cause"), ...list(look(thrown, "errors"))].filter(
    (each) => each !== undefined,
  );
  const inner = depth > 1 ? causes.map((each) => `\ncaused by: ${words(each, depth - 1)}`) : [];
  return text(own) + inner.join("");
}

function look(at: unknown, name: string): unknown {
  try {
    return Object(at)[name];
  } catch {
    return undefined;
  }
}

function list(value: unknown): unknown[] {
  try {
    return Array.isArray(value) ? value.slice(0, 8) : [];
  } catch {
    return [];
  }
}

function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "something that cannot be shown";
  }
}
