import type { AuthEvent } from "../events.ts";
import type { Provenance } from "../record.ts";

/** What may be shown and kept of what a source says of its credential: text. An odd word is left out, not worth a login. */
export function plain({ provider, version, account }: Provenance = {}): Pick<AuthEvent, keyof Provenance> {
  const facts = Object.entries({ provider, version, account });
  return Object.fromEntries(facts.filter(([, fact]) => typeof fact === "string" && fact !== ""));
}
