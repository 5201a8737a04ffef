import type { Clock } from "./clock.ts";
import { compact, toAuthError } from "./errors.ts";
import type { Grant } from "./grant.ts";
import type { Explanation, Provider } from "./provider.ts";

export interface ExplainOptions {
  readonly signal?: AbortSignal | undefined;
  /** Try the server too: one exchange, of which nothing is kept. Default: the server is not asked. */
  // biome-ignore lint/suspicious/noExplicitAny: a grant for one credential type is as good as one for all; the type is checked at run time
  readonly grant?: Grant<any> | undefined;
  /** What the grant sends its request with. Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Says what a read of `provider` finds, or why it finds nothing: chains in depth, every link's outcome, reason and
 * duration, and the winner. It never throws for what a source does and never holds a secret. A provider that would ask a
 * person is listed, not asked.
 *
 * With a `grant`, the server is asked once what it thinks of the credential, and `server` has its answer. Nothing is kept, and
 * nothing is spent: a refresh token is not sent, and a person not asked.
 *
 * @example
 * ```ts
 * const { outcome, links } = await explain(chain(fromEnv({ prefix: "ACME" }), fromFile({ path })));
 * const { server } = await explain(credentials, { grant: clientCredentials({ issuer: "https://idp.example" }) });
 * ```
 */
export async function explain<T>(provider: Provider<T>, options: ExplainOptions = {}): Promise<Explanation> {
  if (typeof provider?.get !== "function") throw new TypeError("explain: expected a provider");
  const found = await look(provider, options.signal && { signal: options.signal });
  const { askServer } = await import("./engine/index.ts");
  return { ...found, server: await askServer(found, provider, options) };
}

/** The same without the server. */
export async function look<T>(
  provider: Provider<T>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Explanation> {
  const start = performance.now();
  let found: Omit<Explanation, "provider" | "durationMs">;
  try {
    if (provider.explain) return await provider.explain(options);
    if (provider.interactive) found = { outcome: "not-asked", reason: "interactive" };
    else {
      const { version, expiresAt } = Object(await provider.get(options));
      found = compact({ outcome: "found", version, expiresAt });
    }
  } catch (thrown) {
    options.signal?.throwIfAborted();
    const { code, reason, message } = toAuthError(thrown, provider.name);
    found = { outcome: code, reason, message };
  }
  return { provider: provider.name, ...found, durationMs: Math.round(performance.now() - start) };
}
