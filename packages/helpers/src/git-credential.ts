import { Secret } from "@auth/core";
import { type AuthorizationCredential, authorization } from "./authorization.ts";
import { notOver } from "./expiry.ts";
import { type GitBlock, gitLines } from "./git-lines.ts";
import { asked, type HelperCall, type HelperFormat, type ReadContext } from "./helper-format.ts";
import { failed, malformed, noSecret, problem } from "./problem.ts";

export interface GitRequest {
  /** With its port, if that is not the usual one: `git.example.com`, `localhost:8443`. */
  readonly host: string;
  /** Default `"https"`. */
  readonly protocol?: string | undefined;
  /** For helpers that keep a login for each repository: `acme/app.git`. */
  readonly path?: string | undefined;
  /** Whose login; an answer for somebody else is refused. */
  readonly username?: string | undefined;
}

function ask(verb: "get" | "fill", request: GitRequest, { interactive = false } = {}): HelperCall {
  const { host, protocol = "https", path, username } = asked(request);
  if (typeof host !== "string" || !/^[!-~]+$/.test(host) || /[/@=]/.test(host))
    throw new TypeError("gitCredential: `host` is a host, with its port if need be, and nothing else");
  if (typeof protocol !== "string" || !/^[a-z][a-z0-9+.-]*$/.test(protocol))
    throw new TypeError("gitCredential: `protocol` is a word such as https");
  for (const [name, value] of Object.entries({ path, username }))
    if (value !== undefined && !isPlain(value))
      throw new TypeError(`gitCredential: \`${name}\` is a text without control characters`);
  const lines = ["capability[]=authtype", `protocol=${protocol}`, `host=${host}`];
  if (path !== undefined) lines.push(`path=${path}`);
  if (username !== undefined) lines.push(`username=${username}`);
  return {
    args: [verb],
    stdin: `${lines.join("\n")}\n\n`,
    // Git asks at the terminal, and its Credential Manager opens windows, unless they are told not to.
    ...(!interactive && { env: { GIT_TERMINAL_PROMPT: "0", GCM_INTERACTIVE: "never" } }),
  };
}

const isPlain = (value: unknown): boolean =>
  typeof value === "string" && value !== "" && value.length <= 16_384 && !/\p{Cc}/u.test(value);

function read(
  answer: { exitCode: number; stdout: Uint8Array },
  request: GitRequest,
  context: ReadContext,
): AuthorizationCredential {
  const block = gitLines(answer.stdout, context);
  const { values } = block;
  // Git takes what is usable, whatever the exit code; without it, a failure is no "nothing there".
  if (answer.exitCode !== 0 && !values.get("password") && !values.get("credential") && !values.has("quit"))
    throw failed(context, answer.exitCode);
  if (/^(?:1|true|yes|on)$/i.test(values.get("quit") ?? ""))
    throw problem("DENIED", "helper-quit", context, "says to give up. Ask whoever set it up why.");
  checkPlace(block, request, context);
  const found = authorized(block, context) ?? login(block, request, context);
  return Object.freeze({ ...found, ...expires(values.get("password_expiry_utc"), context) });
}

/** The helper may say that its answer is for another place: git would believe it. */
function checkPlace({ values }: GitBlock, request: GitRequest, context: ReadContext): void {
  const { host, protocol = "https", path, username } = request;
  const asked = { host: host.toLowerCase(), protocol, path };
  const place = { ...asked, ...Object.fromEntries([...values].filter(([key]) => Object.hasOwn(asked, key))) };
  if (
    place.host.toLowerCase() !== asked.host ||
    place.protocol.toLowerCase() !== protocol ||
    // Git drops the path where it does not matter.
    (path !== undefined && place.path !== path && values.has("path")) ||
    values.has("url")
  )
    throw problem("INVALID", "host-mismatch", context, "answers for another place than it was asked for.");
  if (username !== undefined && (values.get("username") ?? username) !== username)
    throw problem("INVALID", "identity-mismatch", context, "answers for another user than it was asked for.");
}

/** A scheme and its value, which only count if the helper says that it knows what they are. */
function authorized({ values, lists }: GitBlock, context: ReadContext): AuthorizationCredential | undefined {
  const [authtype, credential] = [values.get("authtype"), values.get("credential")];
  if (authtype === undefined && credential === undefined) return undefined;
  if (!lists.get("capability[]")?.includes("authtype"))
    throw malformed(context, 'has an authtype without "capability[]=authtype", which git ignores');
  if (!authtype || !credential) throw malformed(context, "has one of authtype and credential alone");
  if (/^(?:1|true|yes|on)$/i.test(values.get("continue") ?? ""))
    throw malformed(context, "wants several rounds, which only git itself can go through");
  return authorization(authtype, credential, context);
}

function login({ values }: GitBlock, request: GitRequest, context: ReadContext): AuthorizationCredential {
  const [username = request.username, password] = [values.get("username"), values.get("password")];
  if (!password) throw noSecret(context, `knows no login for ${request.host}`);
  if (!username)
    throw problem(
      "INVALID",
      "half-credential",
      context,
      "the answer has a password without a user name. Name the user in the request.",
    );
  if (/\p{Cc}/u.test(`${username}${password}`))
    throw problem("INVALID", "secret-format", context, "the answer holds a control character.");
  const { source } = context;
  return { type: "password", username, password: new Secret(password), source, account: username };
}

/** Seconds since 1970; 0, and what is beyond any date, means never. */
function expires(text: string | undefined, context: ReadContext): { readonly expiresAt?: Date } {
  if (text === undefined) return {};
  if (!/^\d{1,20}$/.test(text)) throw malformed(context, "has a password_expiry_utc that is no number");
  const at = new Date(Number(text) * 1_000);
  return Number(text) === 0 || Number.isNaN(at.getTime()) ? {} : notOver(at, context);
}

/**
 * Git's credential helpers: `get`, with a description of the place on standard input. A user name and password, or, where
 * the helper has learned that from git 2.46, a token.
 *
 * An answer for another place or user is refused. Errors: `NOT_FOUND/no-secret`; `DENIED/helper-quit`; `INVALID` with
 * `/helper-failed`, `/payload-malformed`, `/half-credential`, `/secret-format`, `/host-mismatch`, `/identity-mismatch`,
 * `/credential-type` or `/expired-on-arrival`. Source: git-scm.com/docs/git-credential, gitcredentials.
 *
 * @example
 * ```ts
 * const command = ["/usr/lib/git-core/git-credential-libsecret"];
 * const login = fromCommand({ command, format: gitCredential, request: { host: "git.example.com" } });
 * ```
 */
export const gitCredential: HelperFormat<AuthorizationCredential, GitRequest> = {
  name: "git",
  ask: (request, options) => ask("get", request, options),
  read,
};

/**
 * `git credential fill`: whatever helpers the user has told git about. The rest is as with {@link gitCredential}; git
 * fails, with exit code 128, also where no helper knows anything.
 *
 * @example
 * ```ts
 * const request = { host: "git.example.com" };
 * const login = fromCommand({ command: ["git", "credential"], format: gitFill, request });
 * ```
 */
export const gitFill: HelperFormat<AuthorizationCredential, GitRequest> = {
  name: "git",
  ask: (request, options) => ask("fill", request, options),
  read,
};
