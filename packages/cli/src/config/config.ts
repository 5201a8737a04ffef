/** Options that every OAuth grant has; those of `@auth/oauth`, under the same names. */
export interface ServerConfig {
  readonly issuer: string;
  readonly tokenEndpoint?: string;
  readonly revocationEndpoint?: string;
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  readonly audience?: string | readonly string[];
  readonly resource?: string | readonly string[];
  readonly extraParameters?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** The client of a person's login: public, or with a secret of its own. */
export interface ClientConfig {
  readonly clientAuth?: "basic" | "post" | "none";
  /** A reference. */
  readonly clientSecret?: string;
}

export type GrantConfig =
  | ({ readonly type: "client-credentials"; readonly clientAuth?: "basic" | "post" } & ServerConfig)
  | ({ readonly type: "private-key" } & ServerConfig)
  | ({ readonly type: "refresh-token" } & ServerConfig & ClientConfig)
  | ({ readonly type: "password"; readonly clientId: string; readonly username?: string } & ServerConfig &
      ClientConfig)
  | ({
      readonly type: "device-code";
      readonly clientId: string;
      readonly deviceAuthorizationEndpoint?: string;
      readonly pkce?: boolean;
    } & ServerConfig &
      ClientConfig)
  | { readonly type: "bearer" }
  | { readonly type: "api-key"; readonly header?: string }
  | { readonly type: "basic"; readonly username?: string }
  | ServiceConfig;

/** What a service's package asks for; its options, under the same names. */
export type ServiceConfig =
  | {
      readonly type: "jamf-pro";
      readonly server: string;
      readonly username?: string;
      /** With it, it is an API client; else a user account. */
      readonly clientId?: string;
      readonly scopes?: readonly string[];
      readonly timeoutMs?: number;
    }
  | { readonly type: "yaku"; readonly url: string; readonly timeoutMs?: number }
  | {
      readonly type: "yamcs";
      readonly url: string;
      readonly tls?: boolean;
      readonly username?: string;
      readonly clientId?: string;
      /** With it, it is a service account; else a user account. */
      readonly become?: string;
      readonly timeoutMs?: number;
    }
  | {
      readonly type: "descartes-labs";
      readonly domain?: string;
      readonly clientId?: string;
      readonly scopes?: readonly string[];
      readonly leewayMs?: number;
      readonly timeoutMs?: number;
    };

export type StoreConfig =
  | { readonly type: "token-file"; readonly path?: string }
  | { readonly type: "keychain"; readonly service?: string }
  | { readonly type: "memory" }
  /** The file of the service's own tools. */
  | { readonly type: "shared"; readonly path?: string };

/** A program that prints a credential; options of `fromCommand` in `@auth/exec`, under the same names. */
export interface CommandConfig {
  readonly command: readonly string[];
  readonly format?: "git" | "docker" | "kubectl";
  /** What a helper is asked: `host` for git, `server` for docker. */
  readonly request?: Readonly<Record<string, string>>;
  readonly passEnv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly interactive?: boolean;
  readonly timeoutMs?: number;
  readonly ttlMs?: number;
}

/** One login. */
export interface Profile {
  readonly description?: string;
  readonly grant: GrantConfig;
  /** References, asked in this order. Default: `auth login` asks the person. */
  readonly credentials?: string | readonly string[];
  readonly store?: StoreConfig;
  readonly origins?: readonly string[];
  readonly allowInsecureOrigins?: readonly string[];
}

/** The user's configuration file. */
export interface Config {
  readonly $schema?: string;
  readonly defaultProfile?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
  /** Packages of others, by the scheme that they read. */
  readonly sources?: Readonly<Record<string, string>>;
  /** What `exec:name` runs. */
  readonly commands?: Readonly<Record<string, CommandConfig>>;
}

/** What references may name besides what the command knows by itself. */
export type Declared = Pick<Config, "commands" | "sources">;
