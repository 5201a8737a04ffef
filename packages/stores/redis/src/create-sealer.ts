import type { webcrypto } from "node:crypto";
import type { Secret } from "@auth/core";

type CryptoKey = webcrypto.CryptoKey;

/** Whoever reads the server, its disk or its backups without the key learns nothing of the tokens. */
export interface EncryptionOptions {
  /**
   * AES-256: 32 bytes, as a secret in base64, base64url or hex, or as a `CryptoKey` for AES-GCM that may encrypt and decrypt.
   */
  readonly key: Secret | CryptoKey;
  /** Former keys: what they have encrypted can still be read, and is encrypted anew when it is written. */
  readonly previousKeys?: readonly (Secret | CryptoKey)[] | undefined;
}

/** Encrypts and decrypts what is kept under a name. */
export interface Sealer {
  seal(text: string, name: string): Promise<string>;
  /** Resolves to `undefined` if it was not sealed with one of the keys, for this name. */
  open(sealed: string, name: string): Promise<string | undefined>;
}

const algorithm = "AES-GCM";
const ivBytes = 12;

/** AES-256-GCM by WebCrypto, with a random initialization vector for each text (NIST SP 800-38D, section 8.2.2). */
export function createSealer({ key, previousKeys = [] }: EncryptionOptions): Sealer {
  const keys = [key, ...previousKeys].map(keyOf);

  const parameters = (iv: Uint8Array<ArrayBuffer>, name: string): webcrypto.AesGcmParams => ({
    name: algorithm,
    iv,
    additionalData: new TextEncoder().encode(name), // what is sealed for one login is no other's
  });

  return {
    async seal(text, name) {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const own = await (keys[0] as () => Promise<CryptoKey>)();
      const sealed = await crypto.subtle.encrypt(parameters(iv, name), own, new TextEncoder().encode(text));
      return Buffer.concat([iv, new Uint8Array(sealed)]).toString("base64url");
    },
    async open(sealed, name) {
      const bytes = new Uint8Array(Buffer.from(sealed, "base64url"));
      for (const each of keys) {
        try {
          const own = await each();
          const how = parameters(bytes.slice(0, ivBytes), name);
          return new TextDecoder().decode(await crypto.subtle.decrypt(how, own, bytes.slice(ivBytes)));
        } catch {
          // not this key, or no key's: the algorithm does not tell
        }
      }
      return undefined;
    },
  };
}

/** Checks a key now and imports it when it is first needed: a factory does no work. */
function keyOf(key: Secret | CryptoKey): () => Promise<CryptoKey> {
  if (key instanceof CryptoKey) {
    const { name, length } = key.algorithm as webcrypto.AesKeyAlgorithm;
    if (
      name !== algorithm ||
      length !== 256 ||
      !["encrypt", "decrypt"].every((use) => key.usages.some((each) => each === use))
    )
      throw new TypeError(
        "redisStore: encryption takes a CryptoKey for AES-GCM of 256 bits, to encrypt and decrypt",
      );
    return async () => key;
  }
  const bytes = bytesOf(key);
  let imported: Promise<CryptoKey> | undefined;
  return () => {
    imported ??= crypto.subtle.importKey("raw", bytes, algorithm, false, ["encrypt", "decrypt"]);
    return imported;
  };
}

function bytesOf(key: unknown): Uint8Array<ArrayBuffer> {
  const reveal: unknown = Object(key).reveal;
  const text: unknown = typeof reveal === "function" ? reveal.call(key) : undefined;
  if (typeof text === "string") {
    if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
    if (/^[\w+/-]{43}=?$/.test(text)) return new Uint8Array(Buffer.from(text, "base64"));
  }
  throw new TypeError(
    "redisStore: an encryption key is a Secret of 32 bytes in base64 or hex, or a CryptoKey",
  );
}
