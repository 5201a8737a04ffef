import type { AuthError, AuthStatus } from "@auth/core";
import type { OpenProfile } from "./profile.ts";
import { serverName } from "./server-of.ts";
import type { Verdict } from "./verdict.ts";
import { duration, fromNow, instant } from "./when.ts";

/** What is stored, as pairs of a word and its explanation. */
export function describeStatus(status: AuthStatus, now: number): [word: string, text: string][] {
  const { token, sessionExpiresAt, lastFailure } = status;
  const at = (date: Date): string => `${fromNow(date, now)} (${instant(date)})`;
  const rows: [string, string][] = [
    ["token", token ? `${token.type}, ${lifetime(token.expiresAt)}` : "none"],
  ];
  if (token?.scopes?.length) rows.push(["scopes", token.scopes.join(" ")]);
  if (sessionExpiresAt) rows.push(["session", `ends ${at(sessionExpiresAt)}`]);
  if (lastFailure) rows.push(["failure", `${lastFailure.code}, ${lastFailure.reason}`]);
  return rows;

  function lifetime(expiresAt: Date | undefined): string {
    if (!expiresAt) return "expires nobody knows when";
    return `${expiresAt.getTime() <= now ? "expired" : "expires"} ${at(expiresAt)}`;
  }
}

/** What the next `auth token` does, as a sentence without its subject: with the verdict, if somebody looked into the sources, and what is wrong with the store. */
export function describeNext(
  { next, nextAt, source }: AuthStatus,
  { profile: { grant }, credentials }: OpenProfile,
  now: number,
  { verdict, broken }: { readonly verdict?: Verdict; readonly broken?: AuthError | undefined },
): string {
  if (broken) return `fails at ${broken.provider ?? "the store"}: ${broken.reason}`;
  const server = serverName(grant);
  // About: when exactly is drawn by lot, so that a thousand machines do not come at once.
  const due =
    nextAt && nextAt.getTime() > now ? `, and renews it in about ${duration(nextAt.getTime() - now)}` : "";
  switch (next) {
    case "use":
      return `serves the token that is there${due}`;
    case "use-and-refresh":
      return "serves the token that is there, and renews it";
    case "keep-alive":
      return `extends the token at ${server}`;
    case "refresh":
      return `renews the token at ${server}, with the refresh token that is there`;
    case "login-needed":
      return needsLogin;
    case "exchange":
      if (verdict) return exchange(verdict, server);
      if (credentials.interactive && server && !source?.includes(" → ")) return needsLogin;
      return server ? `gets a token from ${server}, if ${source} has the credential` : `asks ${source}`;
  }
}

const needsLogin = "fails: a login is needed";

function exchange(verdict: Verdict, server: string | undefined): string {
  switch (verdict.type) {
    case "found":
      return server
        ? `gets a token from ${server}, with the credential of ${verdict.provider}`
        : `uses the credential of ${verdict.provider}`;
    case "stopped":
      return `fails at ${verdict.link.provider}`;
    case "login":
      return needsLogin;
    case "nothing":
      return "fails: no source has the credential";
  }
}
