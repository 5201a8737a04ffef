import type { AccessToken, AuthOptions } from "@auth/core";
import type { DescartesLabsOptions } from "./descartes-labs.ts";
import { type Environment, setting } from "./environment.ts";
import { keptToken } from "./kept-token.ts";
import { sha1 } from "./sha1.ts";

type Shared = Pick<AuthOptions, "clock" | "fetch" | "onEvent" | "policy">;

/** Credentials: each is the first that is there, the parameter, then the environment. */
export interface TokenJsonOptions extends DescartesLabsOptions, Shared {
  /**
   * A file with credentials. Left out, it is `DESCARTESLABS_TOKEN_INFO_PATH` or `~/.descarteslabs/token_info.json`, and read only
   * if neither parameters nor environment have any; with them, their tokens are kept in a file of their own beside it. `null`, or
   * an empty text: no file is read or written.
   */
  readonly tokenInfoPath?: string | null | undefined;
  /** Default `DESCARTESLABS_CLIENT_ID`. */
  readonly clientId?: string | undefined;
  /** Default `DESCARTESLABS_CLIENT_SECRET`. */
  readonly clientSecret?: string | undefined;
  /** The same as `clientSecret`, and wins over it. Default `DESCARTESLABS_REFRESH_TOKEN`. */
  readonly refreshToken?: string | undefined;
  /** A token to be used until it ends. Default `DESCARTESLABS_TOKEN`. */
  readonly jwtToken?: string | undefined;
  /**
   * Take `CLIENT_ID` and `CLIENT_SECRET`, too, after the variables above, as the client for Python does. Other programs use these
   * names for credentials that are nobody's business here. Default false.
   */
  readonly allowGenericVariables?: boolean | undefined;
  /** Default `process.env`, as it is at this call. */
  readonly env?: Environment | undefined;
  /** Told once of each thing that is odd. */
  readonly onWarning?: Warn | undefined;
}

/** What is odd, and does not keep anything from working as far as it goes. */
export interface LoginWarning {
  readonly reason: "token-mismatch" | "no-credentials" | "unsafe-permissions";
  /** For a person. */
  readonly message: string;
}

export type Warn = (warning: LoginWarning) => void;

type Text = string | undefined;

/** What parameters and environment say. */
export interface Login {
  readonly clientId: Text;
  readonly secret: Text;
  /** Given, and not ended. */
  readonly token: AccessToken | undefined;
  /** The credentials are those above; otherwise they are in the file. */
  readonly provided: boolean;
  readonly path: Text;
  /** The file is for tokens only. */
  readonly cache: boolean;
  /** `DESCARTESLABS_NO_JWT_CACHE`: no token is taken from a file. */
  readonly ignoreKept: boolean;
}

export const advice = "Log in, or set DESCARTESLABS_CLIENT_ID and DESCARTESLABS_CLIENT_SECRET.";

/** Where credentials are, if nothing else says so. */
export const defaultPath = (env: Environment): string =>
  setting(env, "DESCARTESLABS_TOKEN_INFO_PATH") ?? "~/.descarteslabs/token_info.json";

/** Which credentials there are, and which file goes with them. */
export function planLogin(options: TokenJsonOptions, env: Environment, now: number, warn: Warn): Login {
  const names = (name: string): string[] => [
    `DESCARTESLABS_${name}`,
    ...(options.allowGenericVariables ? [name] : []),
  ];
  const clientId = options.clientId ?? setting(env, ...names("CLIENT_ID"));
  const { clientSecret = setting(env, ...names("CLIENT_SECRET")) } = options;
  const { refreshToken = setting(env, "DESCARTESLABS_REFRESH_TOKEN") } = options;
  const { jwtToken = setting(env, "DESCARTESLABS_TOKEN") } = options;
  const secret = oneSecret(clientSecret, refreshToken, warn);
  const found = keptToken(jwtToken, clientId);
  const token = found && Number(found.expiresAt) >= now ? found : undefined;
  const provided = Boolean(clientId || secret || jwtToken);
  const { tokenInfoPath = provided ? undefined : defaultPath(env) } = options;
  const path = tokenInfoPath || (tokenInfoPath === undefined ? undefined : null);
  const cache = path === undefined && secret !== undefined;
  if ((provided || path === null) && !token && !(clientId && secret)) {
    const message = `descartes-labs: there is neither a token nor a client id with its secret. ${advice}`;
    warn({ reason: "no-credentials", message });
  }
  return {
    clientId,
    secret,
    token,
    provided,
    path: cache ? `~/.descarteslabs/jwt_token_${sha1(secret)}.json` : (path ?? undefined),
    cache,
    ignoreKept: env["DESCARTESLABS_NO_JWT_CACHE"]?.toLowerCase() === "true",
  };
}

/** Secret and refresh token are one thing with two names; the refresh token wins. */
export function oneSecret(secret: Text, refreshToken: Text, warn: Warn): Text {
  if (secret && refreshToken && secret !== refreshToken) {
    const message = "descartes-labs: client secret and refresh token differ; the latter is used. Remove one.";
    warn({ reason: "token-mismatch", message });
  }
  return refreshToken || secret || undefined;
}
