/** The eight things that can go wrong; the text of each is in docs/errors.md. */
export type AuthErrorCode =
  | "ERR_AUTH_NOT_FOUND"
  | "ERR_AUTH_UNAVAILABLE"
  | "ERR_AUTH_INVALID"
  | "ERR_AUTH_DENIED"
  | "ERR_AUTH_UNREACHABLE"
  | "ERR_AUTH_GRANT"
  | "ERR_AUTH_INTERACTION_REQUIRED"
  | "ERR_AUTH_EXHAUSTED";

/** Why one link of a chain did not answer. */
export interface Attempt {
  readonly provider: string;
  readonly code: AuthErrorCode;
  readonly reason: string;
  readonly message: string;
}

export interface AuthErrorOptions {
  /** Name of the provider, store or grant that failed. */
  readonly provider?: string | undefined;
  /** Default: true for `ERR_AUTH_UNREACHABLE`. */
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The server's OAuth `error`, already checked (SEC-5). */
  readonly error?: string | undefined;
  /** The server's HTTP status. */
  readonly status?: number | undefined;
  readonly attempts?: readonly Attempt[] | undefined;
  /**
   * Anything; only name, code, errno, syscall and the places of its stack are kept (SEC-4), and the same of its own causes.
   * `showForeignWords` of `@auth/core/debug` shows the rest to developers.
   */
  readonly cause?: unknown;
}

/**
 * The one error of this library. `code` says what kind (decide on it), `reason` is a stable kebab-case word within the
 * code, the message says who, what, and what to do next. It never holds a secret.
 *
 * Not thrown for wrong arguments (`TypeError`, from the factory) nor for an abort (the signal's own reason).
 *
 * @example
 * ```ts
 * try { await auth.getToken(); }
 * catch (error) { if (isAuthError(error, "ERR_AUTH_INTERACTION_REQUIRED")) console.error("run: auth login"); else throw error; }
 * ```
 */
export interface AuthError extends Error {
  readonly name: string;
  readonly code: AuthErrorCode;
  readonly reason: string;
  readonly provider?: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly error?: string;
  readonly status?: number;
  readonly attempts?: readonly Attempt[];
}

/**
 * Shared by every copy of this package, so that two versions in one program know each other's errors. On the global object
 * stands there who hears of foreign ones (debug.ts).
 */
const brand = Symbol.for("auth.AuthError");

export const AuthError: new (
  code: AuthErrorCode,
  reason: string,
  message: string,
  options?: AuthErrorOptions,
) => AuthError = class AuthError extends Error {
  declare readonly code: AuthErrorCode;
  declare readonly reason: string;
  declare readonly retryable: boolean;

  constructor(code: AuthErrorCode, reason: string, message: string, options: AuthErrorOptions = {}) {
    const {
      cause,
      provider,
      retryable = code === "ERR_AUTH_UNREACHABLE",
      retryAfterMs,
      error,
      status,
      attempts,
    } = options;
    super(message, cause === undefined ? undefined : { cause: bareCause(cause) });
    Object.assign(
      this,
      compact({ code, reason, retryable, provider, retryAfterMs, error, status, attempts }),
    );
  }

  override get name(): string {
    return "AuthError";
  }

  get [brand](): true {
    return true;
  }
};

/** Tells an {@link AuthError}, also one of another copy of this package; with `code`, of that code only. */
export function isAuthError(error: unknown, code?: AuthErrorCode): error is AuthError {
  try {
    const known = error instanceof Error && (error as { [brand]?: unknown })[brand] === true;
    return known && (!code || (error as AuthError).code === code);
  } catch {
    return false; // a proxy that cannot be looked at
  }
}

type Kind<Code> = Code extends `ERR_AUTH_${infer Word}` ? Word : never;

/** An error of ours: who failed, and what to do about it. */
export function failure(
  kind: Kind<AuthErrorCode>,
  reason: string,
  who: string,
  what: string,
  options?: AuthErrorOptions,
): AuthError {
  return new AuthError(`ERR_AUTH_${kind}`, reason, `${who}: ${what}`, { provider: who, ...options });
}

/**
 * Makes an {@link AuthError} of whatever foreign code threw (SEC-117): an `AuthError` stays itself, anything else becomes
 * `ERR_AUTH_INVALID/unexpected-failure` without its text, which may quote its input.
 */
export function toAuthError(thrown: unknown, provider: string): AuthError {
  if (isAuthError(thrown)) return thrown;
  const cause: Error & { code?: string } = bareCause(thrown);
  const known = cause.code ? `${cause.name}; ${cause.code}` : cause.name;
  const what = `failed unexpectedly (${known}); its words are withheld: @auth/core/debug shows them.`;
  return failure("INVALID", "unexpected-failure", provider, what, { cause });
}

/** What each of these may look like to be kept. */
const harmless = {
  name: /^[A-Z]\w{0,40}$/,
  code: /^[A-Z]\w{0,40}$/,
  errno: /^-?\d{1,6}$/,
  syscall: /^[a-z_]{1,24}$/,
};

/**
 * A line of a stack, of which only file and place are kept: even the name of a function may be computed. 24 letters and digits in
 * a row are a key or a digest rather than a name.
 */
const frame =
  /^ +at (?!.*(?=[\w-]*\d)[\w-]{24})(?:.*\(|async )?((?:\w+:)?[/\\][\w@%+~ ./\\-]+:\d+:\d+)\)?$/gm;

/**
 * What is safe to keep of a foreign error: class, codes and places, of its causes too. No message and no other property,
 * since they tend to quote their input. Whoever listens with `showForeignWords` (debug.ts) hears of it first.
 */
function bareCause(cause: unknown, depth = 4): Error {
  const look = (name: PropertyKey): unknown => {
    try {
      const value = Object(cause)[name] ?? "";
      return name === "cause" ? value : String(value);
    } catch {
      return ""; // a getter that throws has nothing to tell
    }
  };
  if (look(brand)) return cause as Error; // ours, or bare already
  try {
    if (depth > 3) (globalThis as { [brand]?: (cause: unknown) => void })[brand]?.(cause);
  } catch {
    // whoever looks on ends nothing
  }
  const inner = depth && look("cause");
  const bare = new Error("withheld", inner ? { cause: bareCause(inner, depth - 1) } : undefined);
  Object.defineProperty(bare, brand, { value: 1 });
  for (const [name, pattern] of Object.entries(harmless)) {
    const text = look(name) as string;
    if (pattern.test(text)) Object.assign(bare, { [name]: Number(text) || text });
  }
  // Before the frames stands the message, which may look like some.
  const [stack, end] = [look("stack") as string, (look("message") as string).slice(-999)];
  const at = stack.indexOf(end);
  const frames = at < 0 ? [] : stack.slice(at + end.length, at + 9_999).matchAll(frame);
  bare.stack = [`${bare.name}: withheld`, ...Array.from(frames, ([, place]) => place)].join("\n    at ");
  return bare;
}

/** Leaves out what is undefined, so that an optional field is absent rather than present without a value. */
export function compact<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
