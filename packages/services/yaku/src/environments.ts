import { parseJson } from "@auth/core/payload";

/** An entry of `.yakurc`, as it stands there. */
export interface Entry {
  readonly name: string;
  readonly url?: string | undefined;
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  /** In seconds, also below. */
  readonly expiresAt?: number | undefined;
  readonly namespace?: number | undefined;
  readonly current?: boolean | undefined;
  /** Ours: Yaku's command line keeps fields it does not know, and drops them with the login that they belong to. */
  readonly session?:
    | {
        readonly expiresAt?: number | undefined;
        readonly scopes?: readonly string[] | undefined;
        readonly extra?: Readonly<Record<string, unknown>> | undefined;
      }
    | undefined;
}

/** The entries in the text of a `.yakurc`, also of its earlier shape; what is no entry stays, too. Throws for anything else. */
export function parseEnvironments(text = "[]"): (Entry | null)[] {
  const found = parseJson(text) as Entry[] | { currentEnvironment: unknown; environments: object };
  if (Array.isArray(found)) return found;
  const { currentEnvironment, environments } = found;
  return Object.entries(environments).map(([name, { token, ...entry }]) => {
    return { ...entry, name, current: name === currentEnvironment, ...(token && { accessToken: token }) };
  });
}
