const redacted = "[secret]";
const inspect = Symbol.for("nodejs.util.inspect.custom");

/**
 * A value that must not be seen. It prints as `[secret]` in every way a value can be printed, without length, prefix or
 * hash; the text comes out of {@link Secret.reveal} only.
 *
 * @example
 * ```ts
 * const password = new Secret("correct horse");
 * console.log(`${password}`); // [secret]
 * password.reveal(); // "correct horse"
 * ```
 */
export interface Secret {
  /** The text itself. Call it as late as possible, and keep no copy. */
  reveal(): string;
}

/** Makes a {@link Secret}. Throws `TypeError` for anything but a string. */
export const Secret: new (value: string) => Secret = class Secret {
  readonly #value: string;

  constructor(value: string) {
    if (typeof value !== "string") throw new TypeError("Secret: expected a string");
    this.#value = value;
    Object.freeze(this);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect](): string {
    return redacted;
  }
};
