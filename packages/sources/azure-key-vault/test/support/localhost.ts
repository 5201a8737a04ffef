import dns from "node:dns";

/** `anything.localhost` is this machine (RFC 6761 §6.3), whatever its resolver thinks of that. */
export function resolveLocalhost(): void {
  const before = dns.lookup;
  const lookup = (name: string, ...rest: unknown[]): void =>
    Reflect.apply(before, dns, [name.endsWith(".localhost") ? "127.0.0.1" : name, ...rest]);
  dns.lookup = lookup as typeof before;
}
