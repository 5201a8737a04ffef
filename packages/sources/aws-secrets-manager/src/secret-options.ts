import type { Clock } from "@auth/core";
import type { CredentialFields } from "@auth/core/payload";

/** Something that went well only just. */
export interface SecretWarning {
  /** A read failed in a way that may pass, and the value of an earlier one can stand in for it. */
  readonly reason: "serving-stale";
  readonly message: string;
}

/** Which secret it is and what it means: the same for every way to the store. */
export interface SecretOptions {
  /** Its name or its ARN. For a secret of another account: the ARN. */
  readonly secretId: string;
  /** One version for good, by its id. With `versionStage`, AWS checks that both mean the same one. Default: the current one. */
  readonly versionId?: string | undefined;
  /** The version that has this staging label. Default: AWS's, which is `AWSCURRENT`. */
  readonly versionStage?: string | undefined;
  /** Use only this part of a JSON secret: a top-level key, or a JSON Pointer (RFC 6901). */
  readonly field?: string | undefined;
  /** The secret's own names: our field → a key or a JSON Pointer of the secret. */
  readonly fields?: CredentialFields | undefined;
  /** What a secret, or a `field` of it, means if it is bare text. Default `"token"`. The last three need `username` or `clientId`. */
  readonly bare?:
    | "token"
    | "apiKey"
    | "refreshToken"
    | "password"
    | "clientSecret"
    | "privateKey"
    | undefined;
  /** Goes with `bare: "password"`. */
  readonly username?: string | undefined;
  /** Goes with `bare: "clientSecret"` and `"privateKey"`. */
  readonly clientId?: string | undefined;
  /** How the text or the bytes are written. Default `"utf8"`. */
  readonly encoding?: "utf8" | "base64" | undefined;
  /**
   * How long a secret is kept before it is read again, in ms. Default 300000, five minutes; 0 keeps nothing. Each
   * provider moves it by up to a tenth, so that many processes do not come at once.
   */
  readonly ttlMs?: number | undefined;
  /** How long after that the old value is served while AWS cannot be reached or throttles, in ms. Default 3600000, an hour. */
  readonly staleMs?: number | undefined;
  /** The longest that one attempt may take, in ms, signing in to AWS included. Default 10000, at most 60000. */
  readonly timeoutMs?: number | undefined;
  /** Told once per outage that an older value stands in for what cannot be read. Default: nobody is. */
  readonly onWarning?: ((warning: SecretWarning) => void) | undefined;
  /** Where time and chance come from. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Words for what JavaScript lets through. */
export function checkGiven(factory: string, options: unknown): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${factory}: give it options, in an object: ${factory}({ secretId: "prod/acme" })`);
}

/** The region of an ARN; undefined for a name. */
export function regionOf(secretId: string): string | undefined {
  return /^arn:aws[\w-]*:secretsmanager:([a-z]{2}[a-z\d-]+):\d{12}:secret:[^\s:]+$/.exec(secretId)?.[1];
}

/** What each meaning of a bare text needs beside it. */
export const partners = { password: "username", clientSecret: "clientId", privateKey: "clientId" } as const;

const meanings: readonly string[] = ["token", "apiKey", "refreshToken", ...Object.keys(partners)];

/** Throws `TypeError` for options that cannot work. */
export function checkSecretOptions(options: SecretOptions): void {
  const { secretId, versionId, versionStage, field, fields, bare = "token", encoding = "utf8" } = options;
  const demand = (good: boolean, problem: string): void => {
    if (!good) throw new TypeError(problem);
  };
  demand(
    typeof secretId === "string" && /^[^\p{C}\s]{1,2048}$/u.test(secretId),
    "`secretId` is the name or the ARN of a secret",
  );
  demand(
    !/^arn:/i.test(secretId) || regionOf(secretId) !== undefined,
    "`secretId` is no ARN of a secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>",
  );
  demand(
    versionId === undefined || /^[\x21-\x7e]{32,64}$/.test(versionId),
    "`versionId` is a version id of 32 to 64 characters; for AWSPREVIOUS and the like there is `versionStage`",
  );
  demand(
    versionStage === undefined || /^[^\p{C}]{1,256}$/u.test(versionStage),
    "`versionStage` is a staging label",
  );
  demand(field === undefined || !fields, "give `field` or `fields`, not both");
  demand(meanings.includes(bare), `\`bare\` is one of ${meanings.join(", ")}`);
  demand(encoding === "utf8" || encoding === "base64", '`encoding` is "utf8" or "base64"');

  const partner = bare in partners ? partners[bare as keyof typeof partners] : undefined;
  demand(!partner || Boolean(options[partner]?.trim()), `bare: "${bare}" needs \`${partner}\``);
  demand(!partner || !fields, `bare: "${bare}" takes no \`fields\``);
  for (const name of ["username", "clientId"] as const)
    demand(options[name] === undefined || name === partner, `\`${name}\` does not go with bare: "${bare}"`);

  const { ttlMs = 0, staleMs = 0, timeoutMs = 10_000 } = options;
  demand(ttlMs >= 0, "`ttlMs` is a time in ms");
  demand(staleMs >= 0, "`staleMs` is a time in ms");
  demand(
    options.onWarning === undefined || typeof options.onWarning === "function",
    "`onWarning` is a function",
  );
  demand(fields === undefined || (typeof fields === "object" && fields !== null), "`fields` is an object");
  demand(field === undefined || typeof field === "string", "`field` is a text");
  demand(timeoutMs > 0 && timeoutMs <= 60_000, "`timeoutMs` is a time in ms, at most 60000");
}
