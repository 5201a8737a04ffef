import { fileURLToPath } from "node:url";
import type { Credential, Provider } from "@auth/core";
import type { CredentialFields, PayloadOptions } from "@auth/core/payload";
import {
  credentialOf,
  decides,
  fieldNames,
  kindsBegun,
  type Names,
  namesFor,
  payloadOf,
  type Values,
} from "./parse-env.ts";
import { type Environment, readEnv } from "./read-env.ts";

/**
 * Say where to look in one of three ways: a `prefix` for the usual names, the names one by one (`token`, `username`,
 * `clientId` …), or one `payload` that holds everything. Names given one by one replace those of the prefix.
 */
export interface FromEnvOptions extends CredentialFields {
  /** `"ACME"` looks for `ACME_USERNAME`, `ACME_PASSWORD`, `ACME_CLIENT_ID`, `ACME_TOKEN`, `ACME_API_KEY` and so on. */
  readonly prefix?: string | undefined;
  /** One variable that holds a JSON credential, or a bare secret: what a container platform injects as a whole. */
  readonly payload?: string | undefined;
  /** Use only this part of a JSON payload: a top-level key, or a JSON Pointer (RFC 6901). */
  readonly field?: string | undefined;
  /** The payload's own names: our field → a key or a JSON Pointer of the payload. */
  readonly fields?: CredentialFields | undefined;
  /** What a payload that is not JSON means. Default `"token"`. */
  readonly bare?: PayloadOptions["bare"] | undefined;
  /** How the payload is written. Default `"utf8"`. */
  readonly encoding?: "utf8" | "base64" | undefined;
  /** Only this kind of credential, whatever else is set. Default: the one that is set. */
  readonly type?: Credential["type"] | undefined;
  /** A `.env` file, for what the environment lacks if it makes no credential. It may be absent. Default: none. */
  readonly dotenv?: string | URL | undefined;
  /** The environment. Default: `process.env`, looked up at each read. It is never written to. */
  readonly env?: Environment | undefined;
}

/**
 * Credentials from environment variables. A blank variable counts as not set. A `.env` file is looked at only if the
 * environment makes no credential by itself, and then the environment wins, variable by variable. Every read looks again.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/not-set` naming the variables; `ERR_AUTH_INVALID/half-credential` naming the missing one,
 * `/ambiguous-credential` if more than one is set and `type` does not choose, `/payload-malformed`; for the `.env` file
 * `ERR_AUTH_DENIED/unreadable` and `ERR_AUTH_INVALID/not-a-file`, `/too-large`, `/not-utf8`, `/unsafe-permissions`.
 * `TypeError` for options that cannot make a credential.
 *
 * @example
 * ```ts
 * const credentials = fromEnv({ prefix: "ACME" });
 * const token = fromEnv({ token: "ACME_TOKEN", dotenv: ".env" });
 * ```
 */
export function fromEnv(options: FromEnvOptions): Provider {
  if (typeof options !== "object" || options === null)
    throw new TypeError('fromEnv: expected options, for example { prefix: "ACME" }');
  check(options);
  const { payload, type, env } = options;
  const dotenv = options.dotenv instanceof URL ? fileURLToPath(options.dotenv) : options.dotenv;
  const names: Names = payload === undefined ? namesFor(options.prefix, given(options)) : {};
  const variables = payload === undefined ? [...new Set(Object.values(names))] : [payload];
  const name = `env ${options.prefix === undefined ? variables.join(", ") : `${options.prefix}_*`}`;
  if (payload === undefined) checkNames(names, type);

  return {
    name,
    async get({ signal, accepts } = {}) {
      const enough = (values: Values): boolean =>
        payload === undefined ? decides(values, { names, type }) : values.has(payload);
      const values = await readEnv(variables, { source: name, env, dotenv, signal, enough });
      return payload === undefined
        ? credentialOf(values, { names, type, source: name, dotenv, accepts })
        : payloadOf(values, payload, { ...options, source: name, dotenv });
    },
  };
}

/** A POSIX variable name. What does not look like one may be a secret that was put in the name's place: it is not quoted. */
const variable = /^[A-Za-z_][A-Za-z0-9_]*$/;

function given(options: FromEnvOptions): Names {
  return Object.fromEntries(
    fieldNames.flatMap((field) => (options[field] === undefined ? [] : [[field, options[field]]])),
  );
}

function check(options: FromEnvOptions): void {
  const names = given(options);
  for (const [option, value] of Object.entries({
    ...names,
    prefix: options.prefix,
    payload: options.payload,
  })) {
    if (value !== undefined && !(typeof value === "string" && variable.test(value)))
      throw new TypeError(
        `fromEnv: \`${option}\` takes the name of a variable (letters, digits, underscores), not its value`,
      );
  }
  if (options.prefix?.endsWith("_"))
    throw new TypeError("fromEnv: `prefix` goes without the underscore at its end");
  const whole = ["field", "fields", "bare", "encoding"] as const;
  if (options.payload === undefined) {
    const stray = whole.find((option) => options[option] !== undefined);
    if (stray) throw new TypeError(`fromEnv: \`${stray}\` needs \`payload\``);
  } else if (options.prefix !== undefined || options.type !== undefined || Object.keys(names).length > 0) {
    throw new TypeError("fromEnv: `payload` goes without `prefix`, `type` and names of single variables");
  }
  if (options.dotenv === "" || !["undefined", "string", "object"].includes(typeof options.dotenv))
    throw new TypeError("fromEnv: `dotenv` is the path of a file, or its file: URL");
}

/** Names that could never make a credential are a mistake of the program, so they are said at once. */
function checkNames(names: Names, type: Credential["type"] | undefined): void {
  const kinds = kindsBegun((field) => names[field] !== undefined, type);
  if (kinds.length === 0)
    throw new TypeError(
      `fromEnv: expected \`prefix\`, \`payload\`, or the names of variables that make a ${type ?? "credential"}`,
    );
  for (const { type, needs } of kinds) {
    const missing = needs.filter((field) => names[field] === undefined);
    if (missing.length > 0)
      throw new TypeError(
        `fromEnv: a ${type} credential needs the name for \`${missing.join("` and `")}\` too`,
      );
  }
}
