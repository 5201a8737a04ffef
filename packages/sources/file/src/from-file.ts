import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Provider } from "@auth/core";
import { homeDirectory } from "@auth/core/home";
import type { CredentialFields } from "@auth/core/payload";
import { formatOf, parseFile, parseFolder } from "./parse-file.ts";
import { type FileWarning, printable, readFile } from "./read-file.ts";
import { readFolder } from "./read-folder.ts";
import { toAuthError } from "./to-auth-error.ts";
import { untilAborted } from "./until-aborted.ts";

export interface FromFileOptions {
  /** The file, or a directory that holds one file per field; `~/` is the home directory. Relative to the working directory at the time of the read. */
  readonly path: string | URL;
  /**
   * Default `"auto"`: a directory is one; `.json` is JSON; `.env`, `.env.*` and `*.env` are dotenv; anything else is JSON if
   * it begins with `{` or `[`, and text if not.
   */
  readonly format?: "auto" | "json" | "dotenv" | "text" | "directory" | undefined;
  /** Use only this part: a JSON key or JSON Pointer (RFC 6901), a dotenv variable, a file of the directory. */
  readonly field?: string | undefined;
  /** The file's own names: our field → a JSON key or pointer, a variable, a file of the directory. */
  readonly fields?: CredentialFields | undefined;
  /** What text means. Default `"token"`. The last three need `username` or `clientId`, and the file is always text. */
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
  /** Goes with `bare: "privateKey"`. */
  readonly keyId?: string | undefined;
  /** Goes with `bare: "privateKey"`. */
  readonly algorithm?: string | undefined;
  /** How the bytes are written. Default `"utf8"`; a byte order mark is dropped. */
  readonly encoding?: "utf8" | "base64" | undefined;
  /** Default `"newline"`: one line break at the end of text is not part of the secret. */
  readonly trim?: "newline" | "none" | undefined;
  /** Largest file that is read, in bytes. Default 1048576, 1 MiB (L14). */
  readonly maxBytes?: number | undefined;
  /** Refuse a file that its group or others can use, instead of warning. Default false. POSIX only. */
  readonly strict?: boolean | undefined;
  /** The group may read it: neither a warning nor an error. Default false. */
  readonly allowGroupRead?: boolean | undefined;
  /** User ids that may own the file, besides the effective user and root. Default: none. */
  readonly owners?: readonly number[] | undefined;
  /** Told of each finding once. Default: nobody is. */
  readonly onWarning?: ((warning: FileWarning) => void) | undefined;
}

/**
 * Credentials from a file: JSON, dotenv, or plain text; also secrets that Docker or Kubernetes mount, as files or as a
 * directory of them. Every read opens the file again, so a changed secret is found; `version` is the time of its change.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/no-file`, `/no-field`, `/empty-directory`; `ERR_AUTH_DENIED/unreadable`; `ERR_AUTH_INVALID`
 * with `/payload-malformed`, `/half-credential`, `/not-a-file`, `/not-a-directory`, `/too-large`, `/not-utf8` or
 * `/unsafe-permissions`; `ERR_AUTH_UNREACHABLE/read-failed`. `TypeError` for options that contradict each other.
 *
 * @example
 * ```ts
 * const credentials = fromFile({ path: "/run/secrets/acme.json" });
 * const password = fromFile({ path: "/run/secrets/acme_password", bare: "password", username: "alice" });
 * ```
 */
export function fromFile(options: FromFileOptions): Provider {
  check(options);
  const path = typeof options.path === "string" ? options.path : fileURLToPath(options.path);
  // Where a home is, is not asked before it is read.
  const home = typeof options.path === "string" && /^~(?:\/|$)/.test(path);
  return fileProvider(path, options, (source) => (home ? join(homeDirectory(source), path.slice(1)) : path));
}

function fileProvider(
  written: string,
  options: Omit<FromFileOptions, "path">,
  locate: (source: string) => string,
): Provider {
  const name = `file ${printable(written)}`;
  const seen = new Set<string>();
  const format = formatOf(written, options);
  const rules = {
    ...options,
    source: name,
    onWarning(warning: FileWarning) {
      if (seen.has(warning.message)) return;
      seen.add(warning.message);
      options.onWarning?.(warning);
    },
  };

  async function read(): ReturnType<Provider["get"]> {
    const path = locate(name);
    if (format !== "directory") {
      const file = await readFile(path, rules);
      if (file) return parseFile(file, format, rules);
      if (format !== "auto") throw toAuthError({ code: "EISDIR" }, printable(path), name);
    }
    return parseFolder(await readFolder(path, rules), rules);
  }

  return {
    name,
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      return untilAborted(read(), signal);
    },
  };
}

/** What each meaning of a bare text needs beside it. */
const partners = { password: "username", clientSecret: "clientId", privateKey: "clientId" } as const;

const choices = {
  format: ["auto", "json", "dotenv", "text", "directory"],
  bare: ["token", "apiKey", "refreshToken", ...Object.keys(partners)],
  encoding: ["utf8", "base64"],
  trim: ["newline", "none"],
} as const;

function check(options: FromFileOptions): void {
  const fail = (problem: string): never => {
    throw new TypeError(`fromFile: ${problem}`);
  };
  if (typeof options !== "object" || options === null || options instanceof URL)
    fail('give options as an object, such as { path: "/run/secrets/acme.json" }');
  const { path, format = "auto", bare = "token", field, fields, maxBytes, owners, onWarning } = options;
  if (!(path instanceof URL) && (typeof path !== "string" || path === "" || path.includes("\0")))
    fail("`path` is the path of a file, or its file: URL");
  if (path instanceof URL && (path.protocol !== "file:" || !/^(?:localhost)?$/.test(path.hostname)))
    fail("a URL for `path` begins with file:///");
  if (maxBytes !== undefined && !(typeof maxBytes === "number" && maxBytes > 0))
    fail("`maxBytes` is a number of bytes above 0");
  if (field !== undefined && typeof field !== "string") fail("`field` is a key, a JSON Pointer or a name");
  if (fields !== undefined && (typeof fields !== "object" || fields === null || Array.isArray(fields)))
    fail("`fields` maps our fields to the file's own names");
  for (const flag of ["strict", "allowGroupRead"] as const)
    if (options[flag] !== undefined && typeof options[flag] !== "boolean")
      fail(`\`${flag}\` is true or false`);
  if (owners !== undefined && !(Array.isArray(owners) && owners.every(Number.isInteger)))
    fail("`owners` is a list of user ids");
  if (onWarning !== undefined && typeof onWarning !== "function") fail("`onWarning` is a function");
  for (const [option, values] of Object.entries(choices)) {
    const value = options[option as keyof typeof choices];
    if (value !== undefined && !(values as readonly string[]).includes(value))
      fail(`\`${option}\` is one of ${values.join(", ")}`);
  }
  if (field !== undefined && fields) fail("give `field` or `fields`, not both");
  if ((fields || field !== undefined) && format === "text") fail("text has no fields");

  const partner = bare in partners ? partners[bare as keyof typeof partners] : undefined;
  if (partner) {
    const beside: unknown = options[partner];
    if (typeof beside !== "string" || beside.trim() === "") fail(`bare: "${bare}" needs \`${partner}\``);
    if ((format !== "auto" && format !== "text") || field !== undefined || fields)
      fail(`bare: "${bare}" takes the whole file as text, without \`format\`, \`field\` and \`fields\``);
  }
  const taken: readonly string[] = [partner ?? "", ...(bare === "privateKey" ? ["keyId", "algorithm"] : [])];
  for (const part of ["username", "clientId", "keyId", "algorithm"] as const)
    if (options[part] !== undefined && !taken.includes(part))
      fail(`\`${part}\` does not go with bare: "${bare}"`);
}
