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
  if (provider.interactive && !provider.explain) {
    return { provider: provider.name, outcome: "not-asked", reason: "interactive", durationMs: 0 };
  }
  const start = performance.now();
  const about = (): { provider: string; durationMs: number } => ({
    provider: provider.name,
    durationMs: Math.round(performance.now() - start),
  });
  try {
    return provider.explain
      ? await provider.explain(options)
      : { ...about(), outcome: "found", ...facts(await provider.get(options)) };
  } catch (thrown) {
    options.signal?.throwIfAborted();
    const error = toAuthError(thrown, provider.name);
    return { ...about(), outcome: error.code, reason: error.reason, message: error.message };
  }
}

function facts(value: unknown): Pick<Explanation, "version" | "expiresAt"> {
  const { version, expiresAt } = Object(value) as { version?: string; expiresAt?: Date };
  return compact({ version, expiresAt });
}
