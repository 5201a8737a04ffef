import { AuthError, isAuthError, type Provider, toAuthError } from "@auth/core";
import type { Scheme } from "@auth/core/resolver";
import { isLoadFailure, loadFailure } from "./load-failure.ts";
import { isMissing } from "./optional.ts";
import { clean } from "./text.ts";

/**
 * The scheme of a package of others, which the user's own configuration names (SEC-112): the one import whose name is computed. It is
 * looked for beside the command, as our own optional packages are, and never where somebody works.
 *
 * Errors: `ERR_AUTH_UNAVAILABLE/missing-package`, `/load-failed`; `ERR_AUTH_INVALID/config` if it reads something else.
 */
export async function sourcePackage(scheme: string, name: string): Promise<Scheme> {
  const { scheme: found } = (await load(name, scheme)) as { readonly scheme?: Partial<Scheme> | undefined };
  const reads = [found?.scheme, ...(Array.isArray(found?.aliases) ? found.aliases : [])];
  const { parse } = found ?? {};
  if (typeof parse !== "function" || !reads.includes(scheme)) {
    const instead = typeof found?.scheme === "string" ? `; it reads "${clean(found.scheme)}:"` : "";
    const what = `The package ${name} of your "sources" does not read "${scheme}:"${instead}.`;
    throw new AuthError("ERR_AUTH_INVALID", "config", what);
  }
  return {
    ...(found as Scheme),
    parse(reference) {
      try {
        return provider(parse.call(found, reference), name);
      } catch (error) {
        // Its words are not ours: they may quote anything.
        throw isAuthError(error) ? error : toAuthError(error, name);
      }
    },
  };
}

function provider(made: unknown, name: string): Provider {
  const { name: called, get } = Object(made) as Partial<Provider>;
  if (typeof get === "function" && typeof called === "string" && called !== "") return made as Provider;
  throw new AuthError(
    "ERR_AUTH_INVALID",
    "config",
    `The package ${name} of your "sources" makes no provider.`,
  );
}

async function load(name: string, scheme: string): Promise<object> {
  const who = `A reference begins with ${scheme}:, and ${name}, which your "sources" name for it,`;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const what = `${who} has not finished loading within ${loadMs / 1_000} s. Ask whoever made it.`;
      reject(new AuthError("ERR_AUTH_UNAVAILABLE", "load-failed", what));
    }, loadMs);
  });
  try {
    return await Promise.race([import(name) as Promise<object>, late]);
  } catch (error) {
    if (isAuthError(error)) throw error;
    if (isMissing(error, name)) {
      const what = `${who} is not installed. Install it beside @auth/cli.`;
      throw new AuthError("ERR_AUTH_UNAVAILABLE", "missing-package", what);
    }
    if (isLoadFailure(error)) throw loadFailure(error, who);
    const kind = error instanceof Error && /^[A-Z]\w{0,40}$/.test(error.name) ? ` (${error.name})` : "";
    const what = `${who} failed as it was loaded${kind}; its words are withheld: --debug shows them. Ask whoever made it.`;
    throw new AuthError("ERR_AUTH_UNAVAILABLE", "load-failed", what, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** How long somebody else's package may take to be loaded. */
const loadMs = 5_000;
