import type { Action } from "./decide.ts";
import type { Attempt, AuthError, AuthErrorCode } from "./errors.ts";
import type { Provenance } from "./record.ts";

/** What happened to one `Auth`; secret-free. Sent after publishing: in a `renewed` handler, `peek()` is the new token. */
export interface AuthEvent {
  readonly type: "read" | "renewed" | "adopted" | "failed" | "rejected" | "warning" | "login" | "logout";
  /** The `Auth`'s name. */
  readonly auth: string;
  readonly at: Date;
  /** The same in words, made to be printed; of a failure, the error's message. */
  readonly message: string;
  readonly action?: Action;
  readonly durationMs?: number;
  readonly tokenId?: string;
  /**
   * `read`: the source that answered, or failed. `renewed`, `adopted`, `login`: the source of the credential that bought
   * the token. `failed`, `warning`: who failed.
   */
  readonly provider?: string;
  /** That credential's version, as the source calls it. */
  readonly version?: string;
  /** Whose that credential is. */
  readonly account?: string;
  readonly code?: AuthErrorCode;
  readonly reason?: string;
  /** `read`: the links that a chain passed over before that, and why. */
  readonly passedOver?: readonly Attempt[];
}

/** An event before it is sent: who, when and the words are added (engine/listen.ts), and what an error says. */
export type Happening = Omit<AuthEvent, "auth" | "at" | "message" | keyof Provenance> &
  Provenance & { readonly error?: AuthError };
