import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";

interface Meaning {
  readonly code: AuthErrorCode;
  readonly reason: string;
  readonly says: string;
}

const away = (says: string): Meaning => ({
  code: "ERR_AUTH_UNREACHABLE",
  reason: "store-unavailable",
  says,
});
const full = (says: string): Meaning => ({ code: "ERR_AUTH_UNREACHABLE", reason: "save-failed", says });
const denied = (says: string): Meaning => ({ code: "ERR_AUTH_DENIED", reason: "permission-denied", says });

const replica = away("this server is a replica and takes no writes. Connect to the primary");
const busy = away("the server is busy with a script of somebody else. Try again");
const rights = denied("the server wants a user and password that may do that. Check those of the client");
const cluster = away("the cluster does not serve this key just now. Try again");

/** The word that an error of the server begins with, and what it asks for. */
const meanings: Readonly<Record<string, Meaning>> = {
  READONLY: replica,
  MASTERDOWN: replica,
  LOADING: away("the server is loading its data. Try again"),
  BUSY: busy,
  UNKILLABLE: busy,
  CLUSTERDOWN: cluster,
  TRYAGAIN: cluster,
  MOVED: away("the server is part of a cluster. Hand in a client for clusters"),
  NOREPLICAS: full("too few replicas are connected. Mend that and try again"),
  OOM: full("the server's memory is full. Raise maxmemory, or free some, and try again"),
  MISCONF: full("the server cannot write to its disk. Mend that and try again"),
  NOAUTH: rights,
  WRONGPASS: rights,
  NOPERM: denied("this user may not do that. Allow it EVAL, SCAN and the keys with this prefix"),
  WRONGTYPE: {
    code: "ERR_AUTH_INVALID",
    reason: "store-corrupted",
    says: "what is there is no login. Log in again",
  },
};

const other = away("no usable answer came. Check the server and the client's connection, then try again");

/** Before version 7 the word stands inside the report of the script that failed. */
const words = new RegExp(`(?:^|[\\s-])(${Object.keys(meanings).join("|")})\\s`);

/** Makes one of our errors of what a client threw; nothing of its text is kept. */
export function toAuthError(thrown: unknown, name: string, doing: string): AuthError {
  if (isAuthError(thrown)) return thrown;
  const word = thrown instanceof Error ? words.exec(thrown.message.slice(0, 1_000))?.[1] : undefined;
  const { code, reason, says } = (word && meanings[word]) || other;
  return new AuthError(code, reason, `${name}: cannot ${doing}: ${says}.`, { provider: name, cause: thrown });
}
