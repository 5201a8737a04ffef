import type { Profile } from "./config.ts";

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** The entries of `origins` that a token must not go to, or that no address ever matches, with what is wrong (SEC-20, SEC-24). */
export function wrongOrigins(profile: Profile): { readonly key: string; readonly problem: string }[] {
  const { origins = [], allowInsecureOrigins = [] } = profile;
  const insecure = new Set(allowInsecureOrigins.map((entry) => URL.parse(entry)?.origin));
  return origins.flatMap((entry, at) => {
    const problem = problemOf(entry, insecure);
    return problem === undefined ? [] : [{ key: `origins.${at}`, problem }];
  });
}

function problemOf(entry: string, insecure: ReadonlySet<string | undefined>): string | undefined {
  const url = URL.parse(entry);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname.includes("*"))
    return "must be a whole origin, scheme and host: https://api.example.com; there are no patterns";
  if (url.href !== `${url.origin}/`)
    return "must be an origin and nothing more: no path, no query, no name before the host; write https://api.example.com";
  if (url.protocol === "https:" || loopback.has(url.hostname) || insecure.has(url.origin)) return undefined;
  return "must be https: over http anybody on the way can read the token. http is for this machine, and for origins that the profile lists in allowInsecureOrigins, too";
}
