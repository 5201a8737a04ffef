import { parseJson } from "@auth/core/payload";
import { decodeText } from "./decode-text.ts";
import type { ReadContext } from "./helper-format.ts";
import { malformed, problem } from "./problem.ts";

/** The members of one JSON object, without its prototype (SEC-13). */
export type Fields = ReadonlyMap<string, unknown>;

/** An answer that is one JSON object and nothing else. */
export function jsonAnswer(stdout: Uint8Array, context: ReadContext): Fields {
  const text = decodeText(stdout, context);
  if (text.trim() === "") throw malformed(context, "is empty");
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw malformed(context, error instanceof SyntaxError ? `is ${error.message}` : "cannot be read");
  }
  return object(value, "answer", context);
}

export function object(value: unknown, name: string, context: ReadContext): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(context, name === "answer" ? "is no JSON object" : `has a "${name}" that is no object`);
  return new Map(Object.entries(value));
}

/** A text that may be missing; null and blank count as missing. */
export function text(fields: Fields, name: string, context: ReadContext): string | undefined {
  const value = fields.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw malformed(context, `has a "${name}" that is no string`);
  if (!value.isWellFormed()) throw malformed(context, `has a "${name}" with half of a character in it`);
  return value.trim() === "" ? undefined : value;
}

/** A secret that will travel in a header as it is (SEC-10, L14). */
export function headerText(
  fields: Fields,
  name: string,
  context: ReadContext,
  allowed: RegExp = /^[!-~]+$/,
): string | undefined {
  const value = text(fields, name, context);
  if (value !== undefined && (value.length > 65_536 || !allowed.test(value)))
    throw problem(
      "INVALID",
      "secret-format",
      context,
      `"${name}" is not 1 to 65536 visible ASCII characters.`,
    );
  return value;
}
