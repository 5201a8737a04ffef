import type { AuthError, AuthStatus, ServerAnswer } from "@auth/core";
import type { Forecast } from "./forecast.ts";
import type { OpenProfile } from "./profile.ts";
import { serverName } from "./server-of.ts";
import { askedOf, asksPerson, isServed, needsLogin } from "./standing.ts";
import type { Verdict } from "./verdict.ts";
import { between, fromNow, instant } from "./when.ts";

/** What is stored, as pairs of a word and its explanation. */
export function describeStatus(
  { status: { token, sessionExpiresAt, lastFailure }, dead }: Forecast,
  now: number,
): [word: string, text: string][] {
  const at = (date: Date): string => `${fromNow(date, now)} (${instant(date)})`;
  const rows: [string, string][] = [
    ["token", token ? `${token.type}, ${lifetime(token.expiresAt)}` : "none"],
  ];
  if (token?.scopes?.length) rows.push(["scopes", token.scopes.join(" ")]);
  const bought = boughtWith(token);
  if (bought) rows.push(["credential", bought]);
  if (sessionExpiresAt) rows.push(["session", `ends ${at(sessionExpiresAt)}`]);
  if (dead) rows.push(["refused", `the refresh token, by the server, ${at(dead.at)}`]);
  if (lastFailure) rows.push(["failure", `${lastFailure.code}, ${lastFailure.reason}`]);
  return rows;

  function lifetime(expiresAt: Date | undefined): string {
    if (!expiresAt) return "expires nobody knows when";
    return `${expiresAt.getTime() <= now ? "expired" : "expires"} ${at(expiresAt)}`;
  }
}

/** Which credential bought the token: where from, which version, whose. */
function boughtWith(token: AuthStatus["token"]): string | undefined {
  const { provider, version, account } = token ?? {};
  if (provider === undefined) return undefined;
  return [provider, version && `version ${version}`, account && `of ${account}`].filter(Boolean).join(", ");
}

/** What has been found out besides. */
export interface Findings {
  /** Of the sources, if somebody looked into them. */
  readonly verdict?: Verdict;
  /** Of the server, if somebody asked it. */
  readonly server?: ServerAnswer | undefined;
  /** What is wrong with the store. */
  readonly broken?: AuthError | undefined;
  readonly kept?: boolean | undefined;
}

/** What the next `auth token` does, as a sentence without its subject. */
export function describeNext(
  forecast: Forecast,
  open: OpenProfile,
  now: number,
  { verdict, server: answer, broken, kept }: Findings,
): string {
  if (broken) return `fails at ${broken.provider ?? "the store"}: ${broken.reason}`;
  const { next } = forecast.status;
  const server = serverName(open.profile.grant);
  if (!verdict && needsLogin(forecast, open, now, kept)) return loginNeeded;
  switch (next) {
    case "use":
      return `serves the token that is there${describeDue(forecast, open, now)}`;
    case "use-and-refresh":
      return "serves the token that is there, and renews it";
    case "keep-alive":
      return `extends the token at ${server}`;
    case "refresh":
      return `renews the token at ${server}, with the refresh token that is there`;
    case "login-needed":
      return loginNeeded;
    case "exchange": {
      const renewal = describeExchange();
      if (!isServed(forecast, now) || !renewal.startsWith("fails")) return renewal;
      return `serves the token that is there${describeEnd(forecast, now)}, and then ${renewal}`;
    }
  }

  function describeExchange(): string {
    if (answer?.outcome.startsWith("ERR_")) return `fails at ${server}: ${answer.reason}`;
    if (verdict) return exchange(verdict, server);
    if (!kept && asksPerson(next, forecast, open)) return loginNeeded;
    if (server) return `gets a token from ${server}, if ${askedOf(forecast, open)} has the credential`;
    return locally(askedOf(forecast, open), kept);
  }
}

/** When the token that is there ends: until then it is given out, whatever becomes of its renewal. */
function describeEnd({ status: { token } }: Forecast, now: number): string {
  return token?.expiresAt ? ` until it expires ${fromNow(token.expiresAt, now)}` : "";
}

function locally(asked: string, kept: boolean | undefined): string {
  if (!kept) return `asks ${asked}`;
  return asked ? `asks ${asked}, and then uses what is kept` : "uses what is kept";
}

const loginNeeded = "fails: a login is needed";

/** What comes after that, and when: the same instant or range for whoever asks. */
function describeDue(forecast: Forecast, open: OpenProfile, now: number): string {
  const { from, by, due } = forecast;
  if (!from || !by || !due || by.getTime() <= now) return "";
  const when = between(from, by, now);
  const { expiresAt } = forecast.status.token ?? {};
  if (asksPerson(due, forecast, open))
    return `; a login is needed ${expiresAt ? fromNow(expiresAt, now) : when}`;
  if (due === "exchange" && open.credentials.interactive)
    return `; a new one is needed ${when}, from ${askedOf(forecast, open)} or a login`;
  return `, and renews it ${when}`;
}

function exchange(verdict: Verdict, server: string | undefined): string {
  switch (verdict.type) {
    case "found":
      return server
        ? `gets a token from ${server}, with the credential of ${verdict.provider}`
        : `uses the credential of ${verdict.provider}`;
    case "stopped":
      return `fails at ${verdict.link.provider}`;
    case "login":
      return loginNeeded;
    case "nothing":
      return "fails: no source has the credential";
  }
}
