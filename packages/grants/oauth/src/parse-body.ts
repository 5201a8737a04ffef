import { parseJson } from "@auth/core/payload";
import type { Answer } from "./send.ts";

/** An answer's own fields; nothing inherited. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the body of an answer: a strict JSON object, or a form where the app allows one (SEC-30). Otherwise the `SyntaxError`
 * says what it is, and quotes nothing.
 */
export function parseBody({ body, contentType }: Answer, formEncoded: boolean): Fields | SyntaxError {
  try {
    return parse(body, contentType, formEncoded);
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError("unreadable");
  }
}

function parse(body: Uint8Array, contentType: string | null, formEncoded: boolean): Fields {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const form = formEncoded && type === "application/x-www-form-urlencoded";
  if (!form && !/^application\/(?:[^\s/]+\+)?json$/.test(type)) throw new SyntaxError("not application/json");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new SyntaxError("not UTF-8");
  }
  return form ? formFields(text) : jsonFields(parseJson(text));
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
