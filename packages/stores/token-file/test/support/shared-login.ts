import {
  AccessToken,
  type Auth,
  createAuth,
  encodeRecord,
  type Grant,
  locked,
  Secret,
  type TokenStore,
} from "@auth/core";
import { fileLock, tokenFile } from "../../src/index.ts";

export interface SharedLogin {
  /** `locked`: a store that cannot lock, with a file lock beside it. */
  readonly kind: "tokenFile" | "locked";
  readonly folder: string;
  readonly tokenEndpoint: string;
  readonly lockWaitMs?: number;
}

/** Seconds made of half-minutes. */
export const settings = { heartbeatMs: 50, staleMs: 300, sentStaleMs: 600 };

const key = "work";

export function storeOf({ kind, folder }: SharedLogin): TokenStore {
  const store = tokenFile({ path: `${folder}/tokens.json`, ...settings });
  if (kind === "tokenFile") return store;
  const plain: TokenStore = { ...store };
  delete plain.withLock;
  delete plain.prepare;
  return locked(plain, fileLock({ directory: `${folder}/locks`, ...settings }));
}

/** Refreshes at a server that gives a new refresh token each time, and ends the login of who sends an old one. */
export function authOf(login: SharedLogin, store: TokenStore = storeOf(login)): Auth {
  const grant: Grant = {
    name: "test",
    partition: () => "test",
    exchange: () => Promise.reject(new Error("nobody can log in here")),
    async refresh({ refreshToken }) {
      const body = new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: refreshToken?.reveal() ?? "",
        client_id: "test",
      });
      const answer = await (await fetch(login.tokenEndpoint, { method: "POST", body })).json();
      const { access_token, refresh_token } = answer as Record<string, string>;
      const expiresAt = new Date(Date.now() + 3_600_000);
      return {
        accessToken: new AccessToken(access_token ?? "", { expiresAt, obtainedAt: new Date() }),
        refreshToken: new Secret(refresh_token ?? ""),
      };
    },
  };
  const { lockWaitMs = 30_000 } = login;
  return createAuth({ grant, store, name: key, policy: { lockWaitMs } });
}

/** A login whose access token has expired. */
export async function seed(login: SharedLogin, refreshToken: string): Promise<void> {
  const accessToken = new AccessToken("expired", {
    expiresAt: new Date(0),
    obtainedAt: new Date(-3_600_000),
  });
  const record = { tokens: { accessToken, refreshToken: new Secret(refreshToken) }, partition: "test" };
  await storeOf(login).write(key, encodeRecord(record), undefined);
}
