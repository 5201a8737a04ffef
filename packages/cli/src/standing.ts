import type { Action, AuthError } from "@auth/core";
import type { GrantConfig } from "./config/config.ts";
import { isPasted } from "./credential-type.ts";
import type { Forecast } from "./forecast.ts";
import type { OpenProfile } from "./profile.ts";
import { serverOf } from "./server-of.ts";
import { fromNow } from "./when.ts";

/** All that is known of one profile without asking a source or a server. */
export interface Known extends Forecast {
  readonly open: OpenProfile;
  /** A credential that a login left, for grants that ask no server; nothing: there is no place for one. */
  readonly kept: boolean | undefined;
  /** There is no login where only a person could put one. */
  readonly empty?: boolean;
  /** What is wrong with the store. */
  readonly broken: AuthError | undefined;
}

/** How a login stands, at a glance. */
export interface Standing {
  readonly mark: "✓" | "✗" | "-";
  readonly server: string | undefined;
  readonly account: string | undefined;
  /** In a few words. */
  readonly state: string;
  readonly loginNeeded: boolean;
}

export function standingOf(known: Known, now: number): Standing {
  const { open, kept, broken, status } = known;
  const { grant } = open.profile;
  const loginNeeded = !broken && (known.empty === true || needsLogin(known, open, now, kept));
  return {
    server: serverOf(grant),
    account: status.token?.account ?? configuredAccount(grant),
    loginNeeded,
    ...glance(),
  };

  function glance(): Pick<Standing, "mark" | "state"> {
    if (broken) return { mark: "✗", state: broken.reason.replaceAll("-", " ") };
    if (loginNeeded) return { mark: "✗", state: "login needed" };
    if (kept) return { mark: "✓", state: "logged in" };
    if (!status.token)
      return { mark: "-", state: serverOf(grant) ? "no token yet" : `asks ${askedOf(known, open)}` };
    const { expiresAt } = status.token;
    const isRenewed = !status.next.startsWith("use") && !asksPerson(status.next, known, open);
    if (isRenewed) return { mark: "✓", state: "renewed at its next use" };
    if (!expiresAt) return { mark: "✓", state: "no known end" };
    return { mark: "✓", state: `expires ${fromNow(expiresAt, now)}` };
  }
}

/** Whether the next `auth token` fails for want of a person. */
export function needsLogin(forecast: Forecast, open: OpenProfile, now: number, kept?: boolean): boolean {
  return kept !== true && !isServed(forecast, now) && asksPerson(forecast.status.next, forecast, open);
}

/** Whether there is a token that is given out whether or not a new one can be had: it has not ended. */
export function isServed({ status: { token } }: Forecast, now: number): boolean {
  return token !== undefined && (token.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) > now;
}

/** Whether this can only be done by a person. */
export function asksPerson(action: Action, { dead }: Forecast, open: OpenProfile): boolean {
  if (action === "login-needed") return true;
  if (action !== "exchange" && action !== "use-and-refresh") return false;
  // What was refused is not sent again: the source would have to have another one.
  if (dead && open.profile.grant.type === "refresh-token") return true;
  return action === "exchange" && onlyAsks(open);
}

/** The sources that are asked unattended: without what a login would leave, and without a person. */
export function askedOf({ status: { source = "" } }: Forecast, { name }: OpenProfile): string {
  const links = source.split(" → ");
  return links.filter((link) => link !== `login ${name}` && !link.startsWith("prompt ")).join(" or ");
}

/** There is no source but a person. Of several links, another may have it. */
export function onlyAsks({ credentials, profile }: OpenProfile): boolean {
  if (credentials.interactive !== true || isPasted(profile)) return false;
  const references = [profile.credentials ?? "prompt:"].flat();
  return references.length === 1 || references.every((each) => each.startsWith("prompt:"));
}

/** As far as the profile says it. */
function configuredAccount(grant: GrantConfig): string | undefined {
  if ("username" in grant && grant.username !== undefined) return grant.username;
  const client = grant.type === "client-credentials" || grant.type === "private-key";
  return client ? grant.clientId : undefined;
}
