import type { Provider } from "@auth/core";
import type { GrantAbilities, SourceFacts } from "./vector.ts";
import { credentialOf, errorOf } from "./vector-server.ts";

/** A source whose secret changes, and which may have a cache in front that shows an older one. */
export interface VectorSource {
  readonly provider: Provider;
  /** Every read so far: past the cache or not. */
  readonly reads: ("plain" | "forced")[];
  secret: string;
  /** What a read that is not forced finds. */
  cached: string | undefined;
  /** What every read fails with. */
  error: string | undefined;
}

export function vectorSource(
  kind: GrantAbilities["credential"],
  { secret = "pw", interactive = false }: SourceFacts,
): VectorSource {
  const source: VectorSource = {
    secret,
    cached: undefined,
    error: undefined,
    reads: [],
    provider: {
      name: "vector source",
      interactive,
      async get({ forceRefresh = false } = {}) {
        source.reads.push(forceRefresh ? "forced" : "plain");
        if (source.error !== undefined) throw errorOf(source.error);
        return credentialOf(kind, forceRefresh ? source.secret : (source.cached ?? source.secret));
      },
    },
  };
  return source;
}
