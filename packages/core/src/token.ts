import { compact, failure } from "./errors.ts";
import type { Secret } from "./secret.ts";

/** What a request needs: the token's text and what is known of it. Prints without the text. */
export interface AccessToken {
  /** The text itself. */
  reveal(): string;
  /** The scheme it is presented with (RFC 6749 §7.1): `Bearer`, `DPoP`, `Basic`. */
  readonly type: string;
  /** When the server stops taking it; absent means unknown, and it lasts until it is refused. */
  readonly expiresAt?: Date;
  readonly scopes?: readonly string[];
  /** When the request that brought it was sent. Without it the lifetime is unknown. */
  readonly obtainedAt?: Date;
  /** Random, for logs; says nothing about the text. */
  readonly id: string;
}

/** What may be said of a token when it is made. */
export interface AccessTokenFacts {
  /** Default `Bearer`. */
  readonly type?: string | undefined;
  readonly expiresAt?: Date | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly obtainedAt?: Date | undefined;
  /** Default: a new random one. */
  readonly id?: string | undefined;
}

/** A name that may stand in an HTTP header (RFC 9110 §5.6.2). */
export const headerWord: RegExp = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * Makes an {@link AccessToken}. Errors: `ERR_AUTH_INVALID/secret-format` if the text is not 1 byte to 64 KiB of visible
 * ASCII (SEC-31); `TypeError` for a date that is none.
 */
export const AccessToken: new (value: string, facts?: AccessTokenFacts) => AccessToken = class AccessToken {
  readonly #value: string;
  readonly type: string;
  declare readonly expiresAt?: Date;
  declare readonly scopes?: readonly string[];
  declare readonly obtainedAt?: Date;
  readonly id: string;

  constructor(value: string, facts: AccessTokenFacts = {}) {
    const type = facts.type || "Bearer";
    if (typeof value !== "string" || value.length > 65_536 || !/^[!-~]+$/.test(value))
      throw failure(
        "INVALID",
        "secret-format",
        "access token",
        "not 1 to 65536 visible ASCII characters. Check its source.",
      );
    if (!headerWord.test(type))
      throw failure("INVALID", "token-type", "access token", "its type is malformed.");
    const date = (at: Date | undefined): Date | undefined => {
      if (at && Number.isNaN(at.getTime())) throw new TypeError("AccessToken: expected valid dates");
      return at && new Date(at);
    };
    const { scopes } = facts;
    this.#value = value;
    this.type = type;
    this.id = facts.id || crypto.randomUUID();
    Object.assign(
      this,
      compact({
        expiresAt: date(facts.expiresAt),
        obtainedAt: date(facts.obtainedAt),
        scopes: scopes && Object.freeze([...scopes]),
      }),
    );
    Object.freeze(this);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }
};

/** What a grant returns and a store keeps. */
export interface TokenSet {
  readonly accessToken: AccessToken;
  readonly refreshToken?: Secret;
  readonly idToken?: Secret;
  /** The server's wish when to renew; it replaces our early window. */
  readonly refreshAfter?: Date;
  /** When the whole session ends and only a person can go on. */
  readonly sessionExpiresAt?: Date;
  /** What the grant needs again later, kept beside the tokens: JSON values only, no secrets outside the store. */
  readonly extra?: Readonly<Record<string, unknown>>;
}
