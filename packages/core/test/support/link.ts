import { AuthError, type AuthErrorCode, type Provider } from "@auth/core";

/** A link of a chain, and what it was asked. */
export interface Link extends Provider<string> {
  /** What it has; anything but a text is thrown. */
  value: unknown;
  readonly reads: unknown[];
}

/** A {@link Link} that has `value`, or throws it if it is an error. */
export function link(name: string, value: unknown, more: Partial<Provider<string>> = {}): Link {
  const self: Link = {
    name,
    value,
    reads: [],
    async get(options) {
      self.reads.push(options);
      if (typeof self.value !== "string") throw self.value;
      return self.value;
    },
    ...more,
  };
  return self;
}

export const absent = (name = "env"): AuthError =>
  new AuthError("ERR_AUTH_NOT_FOUND", "not-set", `${name}: not set`);
export const failing = (code: AuthErrorCode): AuthError => new AuthError(code, "why", "link: why");
