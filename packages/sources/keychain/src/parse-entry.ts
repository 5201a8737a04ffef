import { AuthError, type Credential } from "@auth/core";
import { type CredentialFields, credentialFrom, parsePayload } from "@auth/core/payload";

/** What a bare text means. The last three go with the entry's account. */
export type Bare = "token" | "apiKey" | "refreshToken" | "password" | "clientSecret" | "privateKey";

export interface ParseRules {
  readonly source: string;
  readonly account: string;
  readonly bare: Bare;
  readonly field: string | undefined;
  readonly fields: CredentialFields | undefined;
}

const maxBytes = 1_048_576; // L14

/**
 * What an entry holds, as a credential. A password, client secret or private key is text even if it looks like JSON.
 * Errors: those of `parsePayload`; `INVALID/secret-too-large`.
 */
export function parseEntry(text: string, { source, account, bare, field, fields }: ParseRules): Credential {
  if (Buffer.byteLength(text) > maxBytes)
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "secret-too-large",
      `${source}: the entry is larger than ${maxBytes} bytes. Is it the right one?`,
      { provider: source },
    );
  switch (bare) {
    case "password":
      return credentialFrom({ username: account, password: text }, { source });
    case "clientSecret":
      return credentialFrom({ clientId: account, clientSecret: text }, { source });
    case "privateKey":
      return credentialFrom({ clientId: account, privateKey: text }, { source });
    default:
      return parsePayload(text, { source, bare, field, ...(fields && { fields }) });
  }
}
