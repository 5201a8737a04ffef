import type { Auth } from "@auth/core";
import { authenticate } from "./authenticate.ts";
import { type ClientOptions, checkOptions } from "./client-options.ts";

/** The rest of the stack. */
export type Next = (request: Request) => Promise<Response>;

export type Middleware = (request: Request, next: Next) => Promise<Response>;

/**
 * The rules of {@link createFetch} for stacks that pass a `Request` along. A request with a body is sent once: nobody can
 * tell whether a `Request` holds its body or streams it.
 *
 * Errors: as {@link createFetch}; besides, what `next` throws.
 *
 * @example
 * ```ts
 * const withAuth = authMiddleware(auth, { origins: ["https://api.example.com"] });
 * const answer = await withAuth(request, (request) => fetch(request));
 * ```
 */
export function authMiddleware(auth: Auth, options: ClientOptions): Middleware {
  const settings = checkOptions("authMiddleware", auth, options);
  return (request, next) =>
    authenticate(auth, settings, (input, init) => next(new Request(input, init)), request);
}
