import type { Secret } from "./secret.ts";

/** What every credential may say about itself. */
export interface CredentialFacts {
  /** When it stops working. Without it, it never expires by itself. */
  readonly expiresAt?: Date;
  /** The source's version of it: a vault's version id, a file's change time. */
  readonly version?: string;
  /** The name of the provider it came from. */
  readonly source?: string;
  /** Whose it is: stable and secret-free, for example a user name or a tenant id. */
  readonly account?: string;
}

/** A user name and its password. */
export interface PasswordCredential extends CredentialFacts {
  readonly type: "password";
  readonly username: string;
  readonly password: Secret;
}

/** An OAuth client and its secret (RFC 6749 §2.3.1). */
export interface ClientSecretCredential extends CredentialFacts {
  readonly type: "client-secret";
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** An OAuth client and the private key it signs assertions with (RFC 7523): PKCS #8 PEM or a JWK as JSON. */
export interface PrivateKeyCredential extends CredentialFacts {
  readonly type: "private-key";
  readonly clientId: string;
  readonly privateKey: Secret;
  readonly keyId?: string;
  readonly algorithm?: string;
}

/** A refresh token, perhaps with the client it belongs to and an access token that may still be good. */
export interface RefreshTokenCredential extends CredentialFacts {
  readonly type: "refresh-token";
  readonly refreshToken: Secret;
  readonly clientId?: string;
  readonly clientSecret?: Secret;
  readonly accessToken?: Secret;
  readonly accessTokenExpiresAt?: Date;
}

/** A bearer token that is used as it is: a JWT from the environment, a long-running application token. */
export interface AccessTokenCredential extends CredentialFacts {
  readonly type: "access-token";
  readonly token: Secret;
}

/** A key that is sent as it is, in a header of the service's choosing. */
export interface ApiKeyCredential extends CredentialFacts {
  readonly type: "api-key";
  readonly key: Secret;
}

/** What proves who we are; the variants are told apart by `type`. */
export type Credential =
  | PasswordCredential
  | ClientSecretCredential
  | PrivateKeyCredential
  | RefreshTokenCredential
  | AccessTokenCredential
  | ApiKeyCredential;
