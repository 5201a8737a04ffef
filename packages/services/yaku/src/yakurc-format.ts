import { AccessToken, Secret, type TokenRecord } from "@auth/core";
import type { ForeignFormat } from "@auth/token-file/foreign";
import { apiUrl } from "./api-url.ts";
import { isApplicationToken } from "./application-token-id.ts";
import { admin } from "./device-login.ts";
import { type Entry, parseEnvironments } from "./environments.ts";

/** The environments for the server at `url`. Another server's is as good as absent, until a login replaces it. */
export function yakurcFormat(url: string): ForeignFormat {
  return {
    parse(text, key) {
      const entry = parseEnvironments(text).find((each) => each?.name === key);
      return entry && apiUrl(entry.url ?? "") === url ? recordOf(entry) : undefined;
    },
    format(text, key, record) {
      const entries = parseEnvironments(text);
      const old = entries.find((each) => each?.name === key) ?? { name: key };
      if (!record && !entries.includes(old)) return text;
      const entry: Entry = { ...old, ...nothing, ...(record && { url, ...entryOf(record) }) };
      const login = isLogin(old, entry);
      const put = (each: Entry | null): Entry | null => {
        const now = each === old ? entry : each;
        return login ? now && { ...now, current: now === entry } : now;
      };
      return JSON.stringify((entries.includes(old) ? entries : [...entries, old]).map(put), null, 2);
    },
  };
}

/** What is `undefined` is left out of the file, and what stays keeps its place. */
const nothing = { accessToken: undefined, refreshToken: undefined, expiresAt: undefined, session: undefined };

const instant = (seconds: number | undefined): Date | undefined =>
  seconds === undefined ? undefined : new Date(seconds * 1_000);
const seconds = (at: Date | undefined): number | undefined => at && Math.floor(at.getTime() / 1_000);

function recordOf({ accessToken, refreshToken, expiresAt, session = {} }: Entry): TokenRecord | undefined {
  if (!accessToken) return undefined;
  // A long-running token has neither an end nor a successor, whatever stands beside it.
  if (isApplicationToken(accessToken)) return { tokens: { accessToken: new AccessToken(accessToken) } };
  const sessionExpiresAt = instant(session.expiresAt);
  const tokens = {
    accessToken: new AccessToken(accessToken, { expiresAt: instant(expiresAt) }),
    ...(refreshToken && { refreshToken: new Secret(refreshToken) }),
    ...(sessionExpiresAt && { sessionExpiresAt }),
    ...(session.extra && { extra: session.extra }),
  };
  return { tokens, scopes: session.scopes };
}

function entryOf({ tokens, scopes }: TokenRecord): Partial<Entry> {
  const { accessToken: token, refreshToken, sessionExpiresAt, extra } = tokens;
  const accessToken = token.reveal();
  if (isApplicationToken(accessToken)) return { accessToken };
  // Logged in by the command line, and an administrator all the same.
  const elevated = token.scopes?.some((scope) => admin.includes(scope)) ? admin : undefined;
  const ours = { expiresAt: seconds(sessionExpiresAt), scopes: scopes ?? elevated, extra };
  const session = Object.values(ours).some((value) => value !== undefined) ? ours : undefined;
  const expiresAt = seconds(token.expiresAt);
  return { accessToken, refreshToken: refreshToken?.reveal(), expiresAt, session };
}

/** A login selects its environment. A renewal does not: the end of the session stays. */
function isLogin(old: Entry, { accessToken, session }: Entry): boolean {
  if (!accessToken) return false;
  if (isApplicationToken(accessToken)) return old.accessToken !== accessToken;
  return old.session?.expiresAt !== session?.expiresAt;
}
