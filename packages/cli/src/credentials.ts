import { AuthError, type Credential, chain, type Provider, type WritableProvider } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import type { Declared, Profile } from "./config/config.ts";
import { credentialType } from "./credential-type.ts";
import { meantFor } from "./meant-for.ts";
import { promptFor } from "./prompt-for.ts";
import { loadScheme } from "./schemes.ts";

/** Where a profile's credential comes from. Errors: `ERR_AUTH_INVALID/reference`, `/unknown-scheme`, `/unknown-selector`. */
export async function credentialsOf(
  profile: Profile,
  name: string,
  how: {
    /** `auth login` is under way: a person may be asked. */
    readonly asks: boolean;
    /** Nobody will be asked, whatever happens. */
    readonly unattended?: boolean;
    /** For people, between questions. */
    readonly tell: (text: string) => void;
    readonly declared?: Declared;
    /** What an earlier login left, for grants that ask no server. */
    readonly kept?: WritableProvider | undefined;
  },
): Promise<Provider> {
  const { grant, credentials = "prompt:" } = profile;
  const links: Provider[] = [];
  for (const reference of [credentials].flat())
    links.push(
      reference.startsWith("prompt:")
        ? await promptFor(grant, name, reference, how.tell)
        : meantFor(grant, await resolve(reference, how.declared, credentialType(grant))),
    );
  if (!how.asks) {
    const firstPrompt = links.findIndex((link) => link.interactive);
    for (const [at, link] of links.entries()) {
      const before = links.slice(0, at).map((each) => each.name);
      if (link.interactive) links[at] = guarded(link, name, { interactive: !how.unattended, before });
    }
    if (how.kept) links.splice(firstPrompt < 0 ? links.length : firstPrompt, 0, how.kept);
  }
  const [only] = links;
  return only && links.length === 1 ? only : chain<Credential>(...links);
}

/** What a reference names; nothing is read. `type` is what is wanted, where a place may hold several credentials. */
export async function resolve(
  reference: string,
  declared: Declared = {},
  type?: Credential["type"],
): Promise<Provider> {
  const { scheme = "", locator, path, selectors } = parseReference(reference);
  if (scheme === "env" && path.endsWith("_*") && type && selectors.size === 0) {
    const { fromEnv, scheme: env } = await import("@auth/env");
    createResolver([env])(reference); // complains about what it does not know
    return fromEnv({ prefix: path.slice(0, -2), type });
  }
  if (scheme.endsWith("file") && locator === undefined && !/^(?:[/~]|[a-z]:[\\/])/i.test(path)) {
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "reference",
      `${reference}: the path depends on where you are. Write it from the root, or from your home: file:~/…`,
    );
  }
  const known = await loadScheme(scheme, declared);
  return createResolver(known ? [known] : [])(reference);
}

/**
 * Only `auth login` asks: a prompt in the middle of somebody's script helps nobody. `before`: who was asked in vain when it comes
 * to this; perhaps that is what is to be mended.
 */
function guarded(
  { name }: Provider,
  profile: string,
  { interactive = true, before = [] }: { interactive?: boolean; before?: readonly string[] } = {},
): Provider {
  const empty = before.map((each) => `${each} has no credential, and `).join("");
  const mend = before.length > 0 ? "Put it there, or run" : "Run";
  const what = `${profile}: ${empty}nobody is logged in. ${mend}: auth login ${profile}`;
  return {
    name,
    interactive,
    get: () =>
      Promise.reject(
        new AuthError("ERR_AUTH_INTERACTION_REQUIRED", "login-needed", what, { provider: name }),
      ),
  };
}

/** Stands where no source is asked, because a person says yes on another device. */
export function byPerson(profile: string, name = "a code that you enter"): Provider {
  return guarded({ name, get: () => Promise.reject() }, profile);
}
