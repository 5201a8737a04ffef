import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AuthError, type AuthErrorCode } from "@auth/core";
import { homeDirectory } from "@auth/core/home";

type Finding = readonly [code: AuthErrorCode, reason: string, advice: string];
type Env = Readonly<Record<string, string | undefined>>;

/**
 * What the SDK's "no credentials from any provider" leaves out: whether a login is set up, and failed. Only where none is may
 * a chain go on to another identity. `undefined`: none is, or it is another failure.
 */
export async function failedLogin(
  thrown: unknown,
  name: string,
  metadataFailed: boolean,
  env: Env = process.env,
): Promise<AuthError | undefined> {
  const { name: kind, message, code, syscall, path } = look(thrown);
  const none = kind === "CredentialsProviderError" && /from any providers/i.test(String(message));
  const finding = none
    ? await setUp(env, metadataFailed)
    : syscall === "open"
      ? unopened(code, path, env)
      : undefined;
  if (!finding) return undefined;
  const [errorCode, reason, advice] = finding;
  return new AuthError(errorCode, reason, `${name}: ${advice}.`, { provider: name, cause: thrown });
}

/** A foreign error's getters may throw (SEC-117). */
function look(thrown: unknown): Readonly<Record<string, unknown>> {
  try {
    const { name, message, code, syscall, path } = Object(thrown) as Record<string, unknown>;
    return { name, message, code, syscall, path };
  } catch {
    return {};
  }
}

const failed = (advice: string): Finding => ["ERR_AUTH_UNREACHABLE", "no-identity", advice];

/** In the order of what may pass by itself before what a person has to mend. */
async function setUp(env: Env, metadataFailed: boolean): Promise<Finding | undefined> {
  const set = (...names: readonly string[]): string | undefined => names.find((each) => env[each]);
  const container = set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (container)
    return failed(
      `${container} is set, and no login came from there. Check that this endpoint answers, and try again`,
    );
  if (metadataFailed)
    return failed("the metadata service of this machine failed, so its role gave no login. Try again");
  for (const pair of [
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
  ]) {
    const there = set(...pair);
    const absent = pair.find((each) => !env[each]);
    if (there && absent)
      return ["ERR_AUTH_INVALID", "half-credential", `${there} is set, and ${absent} is not. Set both`];
  }
  const login = await hasLogin(env["AWS_PROFILE"] || "default", env);
  if (login)
    return failed(
      `${env["AWS_PROFILE"] ? "the profile that AWS_PROFILE names" : "the default profile"} did not sign in. See why: aws sts get-caller-identity`,
    );
  if (!env["AWS_PROFILE"]) return undefined;
  const advice =
    "AWS_PROFILE names a profile that is not there, or has no login. Correct it, or run: aws configure";
  return ["ERR_AUTH_INVALID", "no-profile", advice];
}

/** A file that the login is in. */
function unopened(code: unknown, path: unknown, env: Env): Finding {
  const names = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const variable = names.find((each) => env[each] !== undefined && env[each] === path);
  const file = variable ? `the file that ${variable} names` : "a file that the login to AWS needs";
  if (code === "EACCES" || code === "EPERM")
    return ["ERR_AUTH_DENIED", "unreadable", `this user may not read ${file}. Allow it`];
  return failed(`${file} is not there, or cannot be opened. Check the path and what is mounted`);
}

const loginKeys =
  /^\s*(?:aws_access_key_id|credential_process|login_session|role_arn|sso_\w+|web_identity_token_file)\s*=/;

/** Does one of AWS's two files say how this profile signs in? */
async function hasLogin(profile: string, env: Env): Promise<boolean> {
  for (const [variable, file] of [
    ["AWS_CONFIG_FILE", "config"],
    ["AWS_SHARED_CREDENTIALS_FILE", "credentials"],
  ] as const) {
    let section: string | undefined;
    for (const line of (await contents(env[variable] || join("~", ".aws", file))).split(/\r?\n/)) {
      section = /^\s*\[\s*(?:profile\s+)?["']?([^\]"']+?)["']?\s*\]/.exec(line)?.[1] ?? section;
      if (section === profile && loginKeys.test(line)) return true;
    }
  }
  return false;
}

async function contents(path: string): Promise<string> {
  try {
    return await readFile(
      path.replace(/^~(?=[\\/])/, () => homeDirectory("aws")),
      "utf8",
    );
  } catch {
    return ""; // the SDK, too, goes on without it
  }
}

/**
 * Watches whether the machine's metadata service fails while `work` asks for a login: the SDK tells nobody. One that says
 * that there is no role, or is not there, has not failed.
 */
export async function watchingMetadata<T>(work: (failed: () => boolean) => Promise<T>): Promise<T> {
  let failed = false;
  const onAnswer = (event: unknown): void => {
    const { request, response } = event as {
      readonly request: { readonly path: string };
      readonly response: { readonly statusCode?: number };
    };
    if (/^\/latest\/(?:api\/token$|meta-data\/iam\/)/.test(request.path) && (response.statusCode ?? 0) >= 500)
      failed = true;
  };
  subscribe("http.client.response.finish", onAnswer);
  try {
    return await work(() => failed);
  } finally {
    unsubscribe("http.client.response.finish", onAnswer);
  }
}
