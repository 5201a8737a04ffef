import type { Fields } from "./parse-body.ts";

/** A refusal, taken apart. Nothing of it may be shown as it is. */
export interface Said {
  readonly status: number;
  /** The OAuth `error`, or what some servers say in its place. */
  readonly word: string | undefined;
  /** Entra's own numbers (`AADSTS…`), which say more than its `error`. */
  readonly codes: readonly number[];
  readonly text: string;
}

/** One thing that servers say. What is given must all be so. */
export interface Saying {
  readonly words?: readonly string[];
  readonly codes?: readonly number[];
  readonly status?: number;
  readonly text?: RegExp;
  readonly unless?: RegExp;
}

/** A body with `error` is a failure whatever the status (SEC-31). */
export function hasError(fields: Fields | SyntaxError): fields is Fields {
  return !(fields instanceof SyntaxError) && fields["error"] !== undefined && fields["error"] !== null;
}

export function saidIn(status: number, fields: Fields | SyntaxError): Said {
  if (fields instanceof SyntaxError) return { status, word: undefined, codes: [], text: "" };
  const { error, errorCode, status: state, error_description, error_codes } = fields;
  // Okta has an `errorCode` for an unknown client, HubSpot a `status`; neither is looked at beside an `error`.
  const bad = typeof state === "string" && state.startsWith("BAD_") ? state : undefined;
  const word = hasError(fields) ? error : status < 300 ? undefined : (errorCode ?? bad);
  const text = typeof error_description === "string" ? error_description.slice(0, 4_096) : "";
  const first = /^AADSTS(\d{4,8})\b/.exec(text)?.[1];
  const codes = Array.isArray(error_codes) ? error_codes.slice(0, 8) : first ? [Number(first)] : [];
  return { status, word: typeof word === "string" ? word : undefined, codes, text };
}

export function isOneOf(said: Said, sayings: readonly Saying[]): boolean {
  return sayings.some(
    ({ words, codes, status, text, unless }) =>
      (!words || (said.word !== undefined && words.includes(said.word))) &&
      (!codes || codes.some((code) => said.codes.includes(code))) &&
      (status === undefined || status === said.status) &&
      (!text || text.test(said.text)) &&
      !unless?.test(said.text),
  );
}
