import type { Credential } from "../credential.ts";
import { type AuthError, failure } from "../errors.ts";
import type { Setup } from "../setup.ts";

const types: readonly unknown[] = [
  "password",
  "client-secret",
  "private-key",
  "refresh-token",
  "access-token",
  "api-key",
] satisfies Credential["type"][];

/** The source has something that the grant does not take. What it is may be said, if it is one of ours. */
export function otherType({ credentials, grant }: Setup, found: unknown): AuthError {
  const { source = credentials?.name ?? "", type } = Object(found) as Partial<Credential>;
  const what = types.includes(type) ? `found ${type}` : `found no credential, but ${kind(found)}`;
  const takes = `${grant.name} takes ${grant.accepts?.join(" or ")}`;
  return failure(
    "INVALID",
    "credential-type",
    source,
    `${what}; ${takes}. Put that there, or use another grant.`,
  );
}

function kind(found: unknown): string {
  if (found === undefined || found === null) return `${found}`;
  return typeof found === "object" ? "an object of another kind" : `a ${typeof found}`;
}
