import { AuthError } from "@auth/core";
import { toAuthError } from "./to-auth-error.ts";

/** The part of the vendor's client that is used: theirs fits, and so does a fake in a test. */
export interface KeychainClient {
  getSecret(
    name: string,
    options: { signal?: AbortSignal | undefined },
  ): Promise<{ value: string; version?: string }>;
}

interface Place {
  readonly secret: string;
  readonly source: string;
  readonly client: KeychainClient | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The secret as it is stored. */
export async function readKeychain(place: Place): Promise<{ text: string; version?: string | undefined }> {
  const { source, client = await connect(source) } = place;
  try {
    return await ask(client, place);
  } catch (error) {
    place.signal?.throwIfAborted();
    throw toAuthError(error, place);
  }
}

/** TODO: call `client.getSecret` with the secret's name and the signal; resolve to its text and version. */
async function ask(
  _client: KeychainClient,
  { source }: Place,
): Promise<{ text: string; version?: string | undefined }> {
  throw unavailable(
    "not-written",
    `${source}: nothing is read yet. Write \`ask\` in src/read-keychain.ts.`,
    source,
  );
}

/** TODO: import the vendor's SDK here, so that it is loaded on first use, and make a client. The vendor's own ways sign it in. */
async function connect(source: string): Promise<KeychainClient> {
  throw unavailable(
    "no-client",
    `${source}: no client was given, and none is made yet. Write \`connect\` in src/read-keychain.ts.`,
    source,
  );
}

function unavailable(reason: string, message: string, provider: string): AuthError {
  return new AuthError("ERR_AUTH_UNAVAILABLE", reason, message, { provider });
}
