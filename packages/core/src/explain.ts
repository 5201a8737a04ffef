import { compact, toAuthError } from "./errors.ts";
import type { Explanation, Provider } from "./provider.ts";

/**
 * Says what a read of `provider` finds, or why it finds nothing: chains in depth, every link's outcome, reason and
 * duration, and the winner. It never throws for what a source does and never holds a secret. A provider that would ask a
 * person is listed, not asked.
 *
 * @example
 * ```ts
 * const { outcome, links } = await explain(chain(fromEnv({ prefix: "ACME" }), fromFile({ path })));
 * ```
 */
export async function explain<T>(
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
