import type { Stored } from "@auth/core";

/** How logins lie in the text of a file. Pure; `undefined` for a text: there is no file. */
export interface Layout {
  /** Errors: `ERR_AUTH_INVALID/store-corrupted`, `/store-version`. */
  find(text: string, key: string): Stored | undefined;
  /** Is anything under that key, be it damaged? */
  has(text: string, key: string): boolean;
  /**
   * The text with what is wanted in the place of the login, or without the login if nothing is. What cannot be read is left
   * out with `anew`, and is an error otherwise.
   */
  change(text: string | undefined, key: string, wanted: Wanted | undefined, anew: boolean): Change;
  keys?(text: string): Iterable<string>;
  /** A program that knows nothing of our lock may write the file at any time. */
  readonly foreign?: boolean;
  /** It holds nothing that cannot be had again: what is damaged counts as nothing. */
  readonly cache?: boolean;
}

export interface Wanted {
  readonly value: string;
  /** For a format that has room for one. */
  readonly generation: string;
}

export interface Change {
  /** Undefined: the file is to go. */
  readonly text: string | undefined;
  /** Of the login, when this text is in its place. */
  readonly generation: string;
  /** The old file has to be kept beside the new one, under a name with this in it. */
  readonly aside?: string;
}
