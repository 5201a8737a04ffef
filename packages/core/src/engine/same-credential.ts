import type { Credential } from "../credential.ts";
import type { Secret } from "../secret.ts";

const facts: ReadonlySet<string> = new Set(["expiresAt", "version", "source", "account"]);

/** Would these two prove the same thing? Their facts may differ: a new version may hold the old secret. */
export function sameCredential(a: Credential | undefined, b: Credential | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && essence(a) === essence(b));
}

function essence(credential: Credential): string {
  const proof = Object.entries(credential).filter(([name]) => !facts.has(name));
  return JSON.stringify(proof.map(([name, value]) => [name, (value as Secret).reveal?.() ?? value]));
}
