import { AssertionError } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Form, findForm, formsOf, withoutForms } from "./canary-forms.ts";
import { viewsOf } from "./views-of.ts";

/** A secret made for a test: wherever it shows up, something leaks. */
export interface Canary {
  /** The secret text: visible ASCII, so that it can be a password, a token or a header. */
  readonly value: string;
  /**
   * Throws if the secret, or eight characters of it, can be seen in any of `things`: by printing in any way, by copying,
   * or in a property, however deep. Plain, URL-encoded, base64, base64url, Basic, hex and reversed. The message says
   * where, and does not quote the secret.
   */
  readonly check: (...things: readonly unknown[]) => void;
  /** The same for the names and bytes of files; folders with all that is in them. */
  readonly checkFiles: (...paths: readonly string[]) => void;
}

/**
 * Makes a {@link Canary}. `label` helps to tell several apart; it is not part of the secret.
 *
 * @example
 * ```ts
 * const secret = canary("password");
 * const error = await provider.get().catch((error) => error);
 * secret.check(error); // fails if the password can be found in the error
 * ```
 */
export function canary(label = "canary"): Canary {
  if (!/^[\w-]+$/.test(label)) throw new TypeError("canary: the label is made of letters, digits, _ and -");
  const core = randomBytes(24).toString("base64url");
  let known: readonly Form[] | undefined;
  const forms = (): readonly Form[] => (known ??= formsOf(core)); // only once something is looked at

  function look(text: string, where: string, caller: (...args: never[]) => unknown): void {
    const found = findForm(text, forms());
    if (!found) return;
    const hide = (quoted: string): string => withoutForms(quoted, forms());
    throw new AssertionError({
      message: `The secret "${label}" leaks (${found.form}) in ${hide(where)}, after ${JSON.stringify(hide(found.before))}`,
      stackStartFn: caller,
    });
  }

  const self: Canary = {
    value: `${label}.${core}`,
    check(...things) {
      for (const [index, thing] of things.entries())
        for (const { how, text } of viewsOf(thing)) look(text, `argument ${index}, ${how}`, self.check);
    },
    checkFiles(...paths) {
      for (const path of paths.flatMap(filesIn)) {
        look(path, "a file name", self.checkFiles);
        look(readFileSync(path, "latin1"), path, self.checkFiles);
      }
    },
  };
  return self;
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
