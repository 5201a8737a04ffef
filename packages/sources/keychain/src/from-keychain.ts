import { cached, type Provider } from "@auth/core";
import type { CredentialFields } from "@auth/core/payload";
import type { Keytar } from "./backends.ts";
import { checkKeychainOptions, has, isName, type KeychainOptions } from "./keychain-options.ts";
import { openKeychain } from "./open-keychain.ts";
import { type Bare, parseEntry } from "./parse-entry.ts";
import { readKeychain } from "./read-keychain.ts";

export interface FromKeychainOptions extends KeychainOptions {
  /** The entry's service; several are asked in this order, as when a program has changed its name. */
  readonly service: string | readonly [string, ...string[]];
  /** The entry's account, or user name. */
  readonly account: string;
  /** What a bare text means. Default `"token"`. The last three go with `account`, and the text is never taken for JSON. */
  readonly bare?: Bare | undefined;
  /** Use only this part of JSON: a top-level key, or a JSON Pointer (RFC 6901). */
  readonly field?: string | undefined;
  /** The entry's own names: our field → a key or a JSON Pointer. */
  readonly fields?: CredentialFields | undefined;
  /** How long what was read is kept, in ms. Default `Infinity`: one read per process, unless it is refused. 0 keeps nothing. */
  readonly ttlMs?: number | undefined;
  /**
   * Copies an entry that keytar wrote, if there is no other: `"keytar"` is the installed one, or hand in a look-alike. On macOS the
   * entries are the same ones, so there is nothing to do.
   */
  readonly migrateFrom?: "keytar" | Keytar | undefined;
  /** Delete what was migrated once its copy was read again. Default false. */
  readonly deleteOld?: boolean | undefined;
}

const meanings: readonly Bare[] = [
  "token",
  "apiKey",
  "refreshToken",
  "password",
  "clientSecret",
  "privateKey",
];

/**
 * Credentials from the system's keychain: macOS Keychain, Windows Credential Manager, and on Linux the Secret Service of the
 * desktop. An entry holds JSON or a bare text, and may be that of another program, such as Python's keyring.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/no-entry`, `/no-field`; `ERR_AUTH_DENIED/locked`, `/permission-denied`; `ERR_AUTH_UNAVAILABLE/no-keychain`,
 * `/no-backend`, `/disposed`; `ERR_AUTH_UNREACHABLE/timeout`, `/read-failed`; `ERR_AUTH_INVALID/ambiguous`, `/not-utf8`, `/payload-malformed`,
 * `/half-credential`, `/secret-too-large`. `TypeError` for wrong options.
 *
 * @example
 * ```ts
 * const credentials = fromKeychain({ service: "https://billing.example", account: "alice", bare: "password" });
 * ```
 */
export function fromKeychain(options: FromKeychainOptions): Provider {
  checkKeychainOptions("fromKeychain", options);
  const { account, bare = "token", field, fields, migrateFrom, deleteOld = false, interactive } = options;
  const services = [options.service ?? []].flat();
  const fail = (problem: string): never => {
    throw new TypeError(`fromKeychain: ${problem}`);
  };
  if (services.length === 0 || !services.every(isName))
    fail("`service` is the entry's service, or several: text without control characters");
  if (!isName(account))
    fail("`account` is the entry's account, or user name: text without control characters");
  if (!meanings.includes(bare)) fail(`\`bare\` is one of ${meanings.join(", ")}`);
  if (field !== undefined && fields) fail("give `field` or `fields`, not both");
  if (meanings.indexOf(bare) > 2 && (fields || field !== undefined)) fail(`bare: "${bare}" has no fields`);
  if (migrateFrom !== undefined) {
    if (migrateFrom !== "keytar" && !has(migrateFrom, "keytar"))
      fail('`migrateFrom` is "keytar", or a module like it');
    if (options.backend === "keytar") fail("with keytar as backend there is nothing to migrate");
  } else if (deleteOld) fail("`deleteOld` goes with `migrateFrom`");

  const name = `keychain ${services[0]}/${account}`;
  const keychain = openKeychain(options, name);
  const old =
    migrateFrom !== undefined && process.platform !== "darwin"
      ? openKeychain(oldOptions(options, migrateFrom), name)
      : undefined;
  const provider: Provider = {
    name,
    interactive: interactive === true,
    async get() {
      const text = await readKeychain({ keychain, old, deleteOld, services, account, source: name });
      return parseEntry(text, { source: name, account, bare, field, fields });
    },
    async [Symbol.asyncDispose]() {
      keychain.end();
      old?.end();
    },
  };
  return cached(provider, { ttlMs: options.ttlMs ?? Number.POSITIVE_INFINITY });
}

function oldOptions(
  { timeoutMs, interactive, clock }: FromKeychainOptions,
  from: "keytar" | Keytar,
): KeychainOptions {
  return {
    timeoutMs,
    interactive,
    clock,
    backend: "keytar",
    ...(from !== "keytar" && { client: from }),
  };
}
