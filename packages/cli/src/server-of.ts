import type { GrantConfig } from "./config/config.ts";

/** Who is asked for tokens, as the profile says it; nothing for grants that ask nobody. */
export function serverOf(grant: GrantConfig): string | undefined {
  if ("issuer" in grant) return grant.issuer;
  switch (grant.type) {
    case "jamf-pro":
      return grant.server;
    case "yaku":
    case "yamcs":
      return grant.url;
    case "descartes-labs":
      return grant.domain ?? "Descartes Labs";
    default:
      return undefined;
  }
}

/** The same in a sentence. */
export function serverName(grant: GrantConfig): string | undefined {
  const address = serverOf(grant);
  if (address === undefined || !/^[a-z]+:/i.test(address)) return address;
  return /^https?:/i.test(address) ? (URL.parse(address)?.origin ?? "the server") : address;
}
