import type { Contender } from "../contender.ts";

type Loaders = Readonly<Record<string, () => Promise<{ readonly contender: Contender }>>>;

/** The libraries we are measured beside. */
export const peers: Loaders = {
  "@smithy/core": () => import("./smithy.ts"),
  "@badgateway/oauth2-client": () => import("./badgateway.ts"),
  "@azure/core-rest-pipeline": () => import("./azure.ts"),
  "google-auth-library": () => import("./google.ts"),
  "@azure/msal-node": () => import("./msal.ts"),
};

export interface LoadedPeers {
  readonly contenders: readonly Contender[];
  /** One line for each that could not be loaded. */
  readonly missing: readonly string[];
}

/** Loads the peers, only now: what was measured before shared its process with none of them. */
export async function loadPeers(loaders: Loaders = peers): Promise<LoadedPeers> {
  const contenders: Contender[] = [];
  const missing: string[] = [];
  for (const [name, load] of Object.entries(loaders)) {
    try {
      contenders.push((await load()).contender);
    } catch (error) {
      missing.push(`${name} is not measured: ${String(error).split("\n")[0]}`);
    }
  }
  return { contenders, missing };
}
