/** What a vault says about one version of a secret. */
export interface AzureSecret {
  readonly value?: string | undefined;
  readonly properties: {
    readonly version?: string | undefined;
    readonly enabled?: boolean | undefined;
    readonly notBefore?: Date | undefined;
    readonly expiresOn?: Date | undefined;
    readonly contentType?: string | undefined;
  };
}

/** The part of `SecretClient` that is used: Microsoft's fits, and so does any object with this method. */
export interface AzureKeyVaultClient {
  readonly vaultUrl?: string;
  getSecret(
    name: string,
    options: { readonly version?: string; readonly abortSignal?: AbortSignal },
  ): Promise<AzureSecret>;
}

/** An access token as Azure's libraries pass it around. */
export interface AzureToken {
  readonly token: string;
  /** ms since 1970. */
  readonly expiresOnTimestamp: number;
  readonly refreshAfterTimestamp?: number;
}

export interface AzureTokenRequest {
  readonly abortSignal?: AbortSignal;
  readonly tenantId?: string;
  /** What a token must state; asks for a new one, past every cache of the credential's. */
  readonly claims?: string;
  readonly enableCae?: boolean;
}

/** Azure's `TokenCredential`, in its structure: every credential of `@azure/identity` fits, and so does one of your own. */
export interface AzureTokenCredential {
  getToken(scopes: string | string[], options?: AzureTokenRequest): Promise<AzureToken | null>;
}
