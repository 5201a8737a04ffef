export { authMiddleware, type Middleware, type Next } from "./auth-middleware.ts";
export type { ClientOptions } from "./client-options.ts";
export { createFetch, type FetchOptions } from "./create-fetch.ts";
