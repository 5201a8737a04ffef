import type { Action } from "./decide.ts";
import type { AuthErrorCode } from "./errors.ts";

/** What happened to one `Auth`; secret-free. Sent after publishing: in a `renewed` handler, `peek()` is the new token. */
export interface AuthEvent {
  readonly type: "renewed" | "adopted" | "failed" | "rejected" | "warning" | "login" | "logout";
  /** The `Auth`'s name. */
  readonly auth: string;
  readonly at: Date;
  readonly action?: Action;
  readonly durationMs?: number;
  readonly tokenId?: string;
  readonly code?: AuthErrorCode;
  readonly reason?: string;
}
