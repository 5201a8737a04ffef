import { AuthError, type Secret } from "@auth/core";
import type { CryptoKey, JWK } from "jose";
import { pemFlaw, withLineBreaks } from "./pem.ts";

/** A private key as sources hold it. */
export interface PrivateKey {
  /** PKCS #8 PEM (`-----BEGIN PRIVATE KEY-----`), its line breaks also written as `\n`, or a JWK as JSON. */
  readonly privateKey: Secret;
  /** The `kid` the server knows the key by. Default: the JWK's own. */
  readonly keyId?: string | undefined;
  /** The JWS algorithm. Default: the JWK's own, else RS256, ES256, ES384, ES512 or EdDSA by the kind of key. */
  readonly algorithm?: string | undefined;
}

/** A key that is ready to sign. */
export interface SigningKey {
  readonly key: CryptoKey;
  readonly algorithm: string;
  readonly keyId: string | undefined;
}

/** One for each kind of key; a key fits no more than one. */
const usual = ["RS256", "ES256", "ES384", "ES512", "EdDSA"];

/**
 * Reads a private key. It is not kept: only `cached` remembers secrets. Errors: `ERR_AUTH_INVALID/private-key` without a word
 * of the key.
 */
export async function importKey(from: PrivateKey, name: string): Promise<SigningKey> {
  const text = withLineBreaks(from.privateKey.reveal());
  const jwk = text.startsWith("{") ? parse(text) : undefined;
  // Most programs never read a key: jose is loaded with the first one.
  const { importJWK, importPKCS8 } = await import("jose/key/import");
  const algorithms = from.algorithm ?? jwk?.alg;
  for (const algorithm of algorithms === undefined ? usual : [algorithms]) {
    const key = await (jwk ? importJWK(jwk, algorithm) : importPKCS8(text, algorithm)).catch(() => undefined);
    if (key && "type" in key && key.type === "private" && isLongEnough(key))
      return { key, algorithm, keyId: from.keyId ?? (typeof jwk?.kid === "string" ? jwk.kid : undefined) };
  }
  const problem =
    pemFlaw(text) ??
    'the private key is none that can sign. It must be PKCS #8 PEM without a password (make one with "openssl pkcs8 -topk8 -nocrypt") or a private JWK, fit for its algorithm; RSA from 2048 bits';
  throw new AuthError("ERR_AUTH_INVALID", "private-key", `${name}: ${problem}.`, { provider: name });
}

function parse(text: string): JWK | undefined {
  try {
    return JSON.parse(text) as JWK;
  } catch {
    return undefined;
  }
}

function isLongEnough({ algorithm }: CryptoKey): boolean {
  return !("modulusLength" in algorithm) || Number(algorithm.modulusLength) >= 2_048;
}
