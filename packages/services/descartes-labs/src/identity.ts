import { type AccessToken, AuthError } from "@auth/core";
import { unverifiedClaims } from "@auth/oauth/http";
import { sha1 } from "./sha1.ts";

/** Who a token speaks for, as far as it says so itself. */
export interface Identity {
  /** What the token says: `name`, `groups`, `org`, `email`, `email_verified`, `sub`, `exp`, as the scope has it. Yours to change. */
  readonly payload: Record<string, unknown>;
  /** The user id. */
  readonly namespace: string;
  /** The user, the e-mail address, the organization and the active groups, as access lists name them. */
  readonly allAclSubjects: readonly string[];
  readonly allAclSubjectsAsSet: ReadonlySet<string>;
  /** The user, and what the user administers, not only within the own organization. */
  readonly allOwnerAclSubjects: readonly string[];
  readonly allOwnerAclSubjectsAsSet: ReadonlySet<string>;
}

const prefix = "earthdaily__dl__";

/**
 * Reads what a token says of its user. Nothing of it is verified: it tells what to ask the service for, and never what
 * somebody may do. All parts are of this one token, so they change together with it.
 *
 * Errors: `ERR_AUTH_INVALID/malformed-token` for a token that is no JWT, or says of nobody.
 *
 * @example
 * ```ts
 * const { namespace, allAclSubjects } = identityOf(await auth.getToken());
 * ```
 */
export function identityOf(token: AccessToken): Identity {
  if (typeof token?.reveal !== "function")
    throw new TypeError("identityOf: expected a token, such as `await auth.getToken()`");
  const payload: Record<string, unknown> = { ...unverifiedClaims(token.reveal()) };
  for (const name of Object.keys(payload).filter((each) => each.startsWith(prefix))) {
    payload[name.slice(prefix.length)] = payload[name];
    delete payload[name];
  }
  const text = (name: string): string => (typeof payload[name] === "string" ? payload[name] : "");
  const [org, email, sub] = [text("org"), text("email"), text("sub")];
  const namespace = text("userid") || (sub && sha1(sub));
  if (!namespace) {
    const problem = "descartes-labs: the token is no JWT that says whose it is. Use one of this service.";
    throw new AuthError("ERR_AUTH_INVALID", "malformed-token", problem, { provider: "descartes-labs" });
  }
  const listed: unknown[] = Array.isArray(payload["groups"]) ? payload["groups"] : [];
  const groups = listed.filter((group) => typeof group === "string");
  const active = groups.filter((group) => !group.includes(":") || (org && group.startsWith(`${org}:`)));
  const ruled = (role: string, kind: string): string[] => {
    const found = groups.filter((group) => group.endsWith(role) && group !== role);
    return found.map((group) => kind + group.slice(0, -role.length));
  };

  const user = `user:${namespace}`;
  const named = [user, email && `email:${email.toLowerCase()}`, org && `org:${org}`].filter(Boolean);
  const all = [...named, ...active.map((group) => `group:${group}`)];
  const owned = [user, ...ruled(":org-admin", "org:"), ...ruled(":resource-admin", "access-id:")];
  return {
    payload,
    namespace,
    allAclSubjects: all,
    allAclSubjectsAsSet: new Set(all),
    allOwnerAclSubjects: owned,
    allOwnerAclSubjectsAsSet: new Set(owned),
  };
}
