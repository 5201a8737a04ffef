/** What is asked for, in the words of `GetSecretValue`. What is undefined is not sent. */
export interface SecretRequest {
  readonly secretId: string;
  readonly versionId: string | undefined;
  readonly versionStage: string | undefined;
}

/** What of the answer counts: the text or the bytes, and which version they are. */
export interface SecretValue {
  readonly text?: string | undefined;
  readonly bytes?: Uint8Array | undefined;
  readonly versionId?: string | undefined;
}

/** A way to the store. It may fail with anything; `toAuthError` knows what it means. */
export interface Transport {
  /** `fresh`: past whatever cache there is on the way. */
  read(
    request: SecretRequest,
    options: { readonly signal: AbortSignal; readonly fresh: boolean },
  ): Promise<SecretValue>;
  /** Why the store may be out of reach, besides what the failure tells. */
  readonly networkNote?: (() => string | undefined) | undefined;
  /** Lets go of connections, for good. */
  close(): void;
}

/** L2, L14: the longest answer, in bytes. The store itself keeps no more than 64 KiB of a secret. */
export const maxAnswerBytes = 1_048_576;

/** A failure that only our own rules know; the name says which one. */
export function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
