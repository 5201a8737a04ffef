import type { Secret } from "@auth/core";
import { checkChoice, checkGiven, checkTypes } from "./arguments.ts";

/** How a client proves itself at the token endpoint (RFC 6749 §2.3, RFC 7523 §2.2). */
export type ClientAuthMethod = "basic" | "post" | "none" | "private_key_jwt";

/** Options of the grants whose client does not come from the credential. */
export interface ClientOptions {
  /**
   * `basic`: id and secret in the Authorization header, form-encoded. `post`: in the body. `none`: a public client.
   * `private_key_jwt`: a signed assertion. Default: what there is a secret or key for, a secret by `basic`. Nothing else is tried.
   */
  readonly clientAuth?: ClientAuthMethod;
  readonly clientSecret?: Secret;
  /** For `private_key_jwt`: PKCS #8 PEM or a JWK as JSON. */
  readonly privateKey?: Secret;
  readonly keyId?: string;
  readonly algorithm?: string;
  /** Whom the assertion is made out to. Default `issuer`. */
  readonly assertionAudience?: AssertionAudience;
}

export type AssertionAudience = "issuer" | "token-endpoint";

/** Checks the options of a client. Throws `TypeError`. */
export function checkClient(grant: string, options: ClientOptions): void {
  checkGiven(grant, options);
  const { clientAuth, clientSecret, privateKey } = options;
  checkChoice(grant, "clientAuth", clientAuth, ["basic", "post", "none", "private_key_jwt"]);
  checkChoice(grant, "assertionAudience", options.assertionAudience, ["issuer", "token-endpoint"]);
  checkTypes(grant, options, "string", "keyId", "algorithm");
  for (const [option, value] of Object.entries({ clientSecret, privateKey }))
    if (value !== undefined && typeof value?.reveal !== "function")
      throw new TypeError(`${grant}: ${option} is not a Secret. Wrap it: new Secret(…)`);
  if (clientAuth === "private_key_jwt" && !privateKey)
    throw new TypeError(`${grant}: clientAuth "private_key_jwt" needs privateKey`);
}
