import type { GrantContext } from "@auth/core";
import type { AuthorizationServer } from "oauth4webapi";
import { abortable } from "./abortable.ts";
import { discover } from "./discover.ts";
import type { Settings } from "./settings.ts";
import { isExempt } from "./transport.ts";

/** The authorization server that one grant talks to. */
export interface Server {
  readonly settings: Settings;
  /** Its endpoints: configured, or read from its metadata once, and again if what was known turns out to be `outdated`. */
  endpoints(context: GrantContext, outdated?: AuthorizationServer): Promise<AuthorizationServer>;
  /** A warning event, once in the life of this grant. */
  warn(reason: string, context: GrantContext): void;
}

/** Callers at once share one discovery. What it found is kept until it turns out to be outdated; a failure is forgotten. */
export function createServer(settings: Settings): Server {
  const { issuer, tokenEndpoint, revocationEndpoint, deviceAuthorizationEndpoint, insecureOrigins } =
    settings;
  const said = new Set<string>();
  let known: AuthorizationServer | undefined = tokenEndpoint
    ? {
        issuer,
        token_endpoint: tokenEndpoint,
        ...(revocationEndpoint && { revocation_endpoint: revocationEndpoint }),
        ...(deviceAuthorizationEndpoint && { device_authorization_endpoint: deviceAuthorizationEndpoint }),
      }
    : undefined;
  let flight: { readonly found: Promise<AuthorizationServer>; readonly signal: AbortSignal } | undefined;

  async function find(context: GrantContext): Promise<AuthorizationServer> {
    while (!known) {
      flight ??= {
        signal: context.signal,
        found: discover(settings, context).finally(() => {
          flight = undefined;
        }),
      };
      const { found, signal } = flight;
      try {
        known = await abortable(found, context.signal);
      } catch (error) {
        // Whoever began may have left; that is no answer for those who stay.
        if (context.signal.aborted || !signal.aborted) throw error;
      }
    }
    return known;
  }

  function warn(reason: string, context: GrantContext): void {
    if (said.has(reason)) return;
    said.add(reason);
    context.warn(reason);
  }

  return {
    settings,
    warn,
    async endpoints(context, outdated) {
      if (!tokenEndpoint && outdated && known === outdated) known = undefined;
      const exempt = (url: string | undefined): boolean =>
        url !== undefined && isExempt(new URL(url), insecureOrigins);
      if (!tokenEndpoint && exempt(issuer)) warn("insecure-transport", context);
      const found = await find(context);
      if (exempt(found.token_endpoint) || exempt(found.revocation_endpoint))
        warn("insecure-transport", context);
      return found;
    },
  };
}
