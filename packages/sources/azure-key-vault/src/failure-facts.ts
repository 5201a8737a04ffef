import { isProxys } from "./proxy-refusal.ts";

/** What of a foreign error is looked at to tell what it means. None of it is shown: its text may quote what was sent. */
export interface FailureFacts {
  readonly name: string;
  readonly status: number | undefined;
  /** Its code, the service's inner codes, and those of its causes: all that says what went wrong, outermost first. */
  readonly codes: readonly string[];
  /** Messages, its causes' and parts' included. */
  readonly text: string;
  /** Whom the request was for. */
  readonly host: string | undefined;
  header(name: string): string | undefined;
  /** A proxy has answered in the service's place. */
  readonly fromProxy: boolean;
}

/**
 * The facts of whatever was thrown. By name and code, never by class: a tree may hold two copies of an SDK. Getters that
 * throw and errors that are their own cause do no harm.
 */
export function failureFacts(thrown: unknown): FailureFacts {
  const codes: string[] = [];
  const texts: string[] = [];
  let status: number | undefined;
  const look = (error: unknown, depth: number): void => {
    if (typeof error !== "object" || error === null || depth > 4) return;
    for (const key of ["code", "errorCode", "errno"]) {
      const code = own(error, key);
      if (typeof code === "string") codes.push(code);
    }
    const message = own(error, "message");
    if (typeof message === "string") texts.push(message.slice(0, 2_000));
    const at = own(error, "statusCode");
    if (typeof at === "number") status ??= at;
    for (let inner = own(own(error, "details"), "error"), level = 0; inner && level < 4; level++) {
      const code = own(inner, "code");
      if (typeof code === "string") codes.push(code);
      inner = own(inner, "innerError") ?? own(inner, "innererror");
    }
    const parts = own(error, "errors");
    for (const part of Array.isArray(parts) ? parts.slice(0, 20) : []) look(part, depth + 1);
    look(own(error, "cause"), depth + 1);
  };
  look(thrown, 0);
  const name = own(thrown, "name");
  const header = (name: string): string | undefined => {
    const headers = own(own(thrown, "response"), "headers");
    const get = own(headers, "get");
    const value: unknown = typeof get === "function" ? get.call(headers, name) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  const marked =
    !!header("x-ms-request-id") || own(own(own(thrown, "details"), "error"), "code") !== undefined;
  return {
    name: typeof name === "string" ? name : "",
    status,
    codes,
    text: texts.join("\n"),
    host: hostOf(own(own(thrown, "request"), "url")),
    header,
    fromProxy: status !== undefined && isProxys(own(thrown, "request"), { status, marked }),
  };
}

function hostOf(url: unknown): string | undefined {
  return typeof url === "string" && URL.canParse(url) ? new URL(url).host : undefined;
}

function own(value: unknown, key: string): unknown {
  try {
    return (Object(value) as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
