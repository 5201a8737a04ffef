import type { Action, TokenPolicy } from "@auth/core";

/** A file of `spec/vectors`; the words to it are in the README there, the rules in `spec/vectors.schema.json`. */
export interface VectorFile {
  readonly subject: string;
  readonly scenarios?: readonly Scenario[];
  readonly decisions?: readonly DecisionVector[];
}

/** One story: what there is at first, and what is done and expected step by step. Times are ms since it began. */
export interface Scenario {
  readonly name: string;
  /** What it shows of `spec/lifecycle.md`. */
  readonly rule: string;
  /** Why it fails today. Then it must fail. */
  readonly pending?: string;
  readonly policy?: Partial<TokenPolicy>;
  readonly grant?: GrantAbilities;
  /** `null`: no source, only what a login has left. */
  readonly source?: SourceFacts | null;
  /** The app's name for the login. */
  readonly login?: string;
  readonly stored?: StoredFacts | null;
  /** What is drawn, in order; the last one is drawn again and again. Default 0. */
  readonly random?: readonly number[];
  readonly steps: readonly Step[];
}

export interface GrantAbilities {
  readonly refresh?: boolean;
  readonly keepAlive?: boolean;
  readonly interactive?: boolean;
  readonly credential?: "password" | "client-secret" | "refresh-token" | "none";
}

export interface SourceFacts {
  readonly secret?: string;
  readonly interactive?: boolean;
}

/** A record as the store has it. */
export interface StoredFacts {
  readonly access: string;
  readonly refresh?: string;
  readonly dead?: string;
  /** Default: the grant's own. `null`: the record does not say. */
  readonly partition?: string | null;
  readonly expiresAt?: number;
  readonly obtainedAt?: number;
  readonly refreshAfter?: number;
  readonly sessionExpiresAt?: number;
  readonly idToken?: string;
  readonly scopes?: readonly string[];
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Not a login: the mark that a logout leaves. */
  readonly ended?: boolean;
}

/** What the server says to one request. */
export interface AnswerFacts {
  /** It waits for a `release`. */
  readonly held?: boolean;
  /** A refusal or failure, `GRANT/refresh-token-rejected`; nothing is issued. */
  readonly error?: string;
  readonly retryAfterMs?: number;
  /** Processed, but the answer does not arrive. */
  readonly lost?: boolean;
  readonly access?: string;
  /** `null`: left out. */
  readonly refresh?: string | null;
  /** `null`: not said. Default one hour. */
  readonly lifetimeMs?: number | null;
  /** After the request was sent. */
  readonly refreshAfterMs?: number;
  readonly sessionMs?: number;
  readonly idToken?: string;
  readonly scopes?: readonly string[];
  readonly extra?: Readonly<Record<string, unknown>>;
}

export type StorePart = "read" | "write" | "lock" | "prepare" | "sent";

type Doing =
  | {
      readonly do: "get";
      readonly callers?: number;
      readonly times?: number;
      readonly forceRefresh?: boolean;
      readonly minTtlMs?: number;
    }
  | { readonly do: "peek" }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "wall"; readonly ms: number }
  | { readonly do: "monotonic"; readonly ms: number }
  | { readonly do: "reject"; readonly token: string }
  | {
      readonly do: "sibling";
      readonly writes?: StoredFacts;
      readonly deletes?: true;
      readonly logsOut?: true;
      readonly goesBack?: number;
      readonly marksDead?: string;
      readonly locks?: true;
      readonly unlocks?: true;
      readonly breaksLock?: true;
    }
  | {
      readonly do: "source";
      readonly secret?: string;
      readonly cached?: string;
      readonly gone?: true;
      readonly error?: string;
    }
  | { readonly do: "answer"; readonly answers?: readonly AnswerFacts[]; readonly always?: AnswerFacts }
  | { readonly do: "release" }
  | { readonly do: "save"; readonly fails: readonly StorePart[]; readonly error?: string }
  | { readonly do: "login" | "logout" | "restart" }
  | { readonly do: "leave"; readonly call: string };

/** What a step does, and what is expected after it. */
export type Step = Doing & {
  /** The name of a call that may have to wait. */
  readonly as?: string;
  readonly result?: string | null;
  readonly retryAfterMs?: number;
  /** What became of calls that waited, by name. */
  readonly settled?: Readonly<Record<string, string>>;
  readonly sent?: readonly string[];
  readonly read?: readonly ("plain" | "forced")[];
  readonly stored?: StoredFacts | null;
  readonly next?: Action;
};

/** One situation, and what `decide` says of it at several instants. */
export interface DecisionVector {
  readonly name: string;
  readonly rule: string;
  readonly pending?: string;
  readonly policy?: Partial<TokenPolicy>;
  readonly token?: {
    readonly expiresAt?: number;
    readonly obtainedAt?: number;
    readonly obtainedMonotonic?: number;
    readonly refreshAfter?: number;
    readonly spread?: number;
  } | null;
  readonly rejected?: boolean;
  readonly sessionExpiresAt?: number;
  readonly pausedUntil?: number;
  readonly barredUntil?: number;
  readonly young?: boolean;
  readonly can?: {
    readonly refresh?: boolean;
    readonly keepAlive?: boolean;
    readonly exchange?: "unattended" | "attended" | false;
  };
  /** Wall clock, monotonic clock, action. */
  readonly at: readonly (readonly [number, number, Action])[];
}
