import { parseJson } from "@auth/core/payload";
import type { Answer } from "./send.ts";

/** An answer's own fields; nothing inherited. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the body of an answer: a strict JSON object, or a form where the app allows one (SEC-30). Otherwise the `SyntaxError`
 * says what it is, and quotes nothing.
 */
export function parseBody(answer: Answer, formEncoded: boolean): Fields | SyntaxError {
  return quietly(() => {
    const form = formEncoded && mediaType(answer) === "application/x-www-form-urlencoded";
    return form ? formFields(decode(answer)) : jsonFields(json(answer));
  });
}

/** The same for what is no success. A refusal may be a form wherever it likes: GitHub's is one, and nothing is taken from it but what it means. */
export function parseRefusal(answer: Answer): Fields | SyntaxError {
  return parseBody(answer, true);
}

/** The same for a JSON array. */
export function parseList(answer: Answer): readonly unknown[] | SyntaxError {
  return quietly(() => {
    const value = json(answer);
    if (!Array.isArray(value)) throw new SyntaxError("not a JSON array");
    return value;
  });
}

function quietly<T>(parse: () => T): T | SyntaxError {
  try {
    return parse();
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError("unreadable");
  }
}

function mediaType({ contentType }: Answer): string {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function json(answer: Answer): unknown {
  if (!/^application\/(?:[^\s/]+\+)?json$/.test(mediaType(answer)))
    throw new SyntaxError("not application/json");
  return parseJson(decode(answer));
}

function decode({ body }: Answer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new SyntaxError("not UTF-8");
  }
}

function jsonFields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SyntaxError("not a JSON object");
  return Object.assign(Object.create(null), value) as Fields;
}

function formFields(text: string): Fields {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in fields) throw new SyntaxError("a form with a field twice");
    fields[name] = value;
  }
  return fields;
}
