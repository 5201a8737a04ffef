import { AuthError, type Credential, createAuth, fixed, type Provider } from "@auth/core";
import { parsePayload } from "@auth/core/payload";
import type { Choice } from "../config/choose-profile.ts";
import type { Profile } from "../config/config.ts";
import type { Context } from "../context.ts";
import { isPasted, logsInByCode } from "../credential-type.ts";
import { type Define, profileArgument } from "../define.ts";
import { makeGrant } from "../make-grant.ts";
import { meaning } from "../meant-for.ts";
import { secretFromStdin } from "../standard-input.ts";
import { clean } from "../text.ts";
import { UsageError } from "../usage-error.ts";
import { fromNow } from "../when.ts";

interface LoginOptions {
  readonly stdin?: boolean;
  readonly device?: boolean;
  readonly admin?: boolean;
  readonly scope?: readonly string[];
}

export const defineLogin: Define = (parent, context) => {
  parent
    .command("login")
    .summary("give your credential, or check that it is there")
    .description(
      "Gets a token and keeps it. Asks you for what no other source has: nothing you type is shown, and no option takes a secret. Logins by code show you where to enter it, on any device; nothing is opened.",
    )
    .addArgument(profileArgument())
    .option("--stdin", "read the secret, or a JSON credential, from standard input")
    .option("--device", "log in by code, also where nobody is at the terminal")
    .option("--admin", "as an administrator, at Yaku; remembered by later logins")
    .option("--scope <scope...>", "ask for these too")
    .action((named, options) => login(context, named, options));
};

/** Exchanges the credential now and keeps what came of it. */
async function login(context: Context, named: string | undefined, options: LoginOptions): Promise<void> {
  const choice = await context.choose(named);
  const byCode = check(context, choice, options);
  if (isPasted(choice.profile)) return logInByPaste(context, choice, options);
  const given = options.stdin ? await fromStdin(context, choice.profile) : undefined;
  await using open = await context.open(choice, { asks: true, ...(given && { credentials: given }) });
  const { auth, kept, name, store } = open;

  if (kept) {
    const credential = await open.credentials.get(context.until);
    await proveUsable(open.profile, credential);
    // What a source holds stays there; what a person gave is kept, or it would have to be given again.
    const fromPerson = given !== undefined || isFromPrompt(credential.source);
    if (fromPerson) await kept.set(credential);
    return report(context, name, fromPerson ? { store: store?.name } : { source: credential.source });
  }
  const { codeDisplay } = await import("../show-code.ts");
  using display = codeDisplay(context, name);
  const scopes = [...(options.scope ?? []), ...(options.admin ? await adminScopes() : [])];
  const { expiresAt } = await auth.login({
    ...context.until,
    ...(byCode && { interaction: display.show }),
    ...(scopes.length > 0 && { scopes }),
  });
  display[Symbol.dispose]();
  report(context, name, { store: store?.name, expiresAt });
}

async function logInByPaste(
  context: Context,
  { name, profile }: Choice,
  { stdin }: LoginOptions,
): Promise<void> {
  const { paste } = await import("../pasted-login.ts");
  const given = stdin ? await secretFromStdin(context) : undefined;
  const tell = (text: string): void => context.say(context.err.warn(text));
  await using auth = await paste(name, profile, { ...context.until, tell, ...(given && { given }) });
  if (!auth) throw new AuthError("ERR_AUTH_NOT_FOUND", "no-input", `${name}: nothing was given.`);
  const { expiresAt } = await auth.getToken(context.until);
  report(context, name, { store: (await auth.status()).store, expiresAt });
}

/** Whether it is a login by code. Without somebody to see the code it would only wait (SEC-96). */
function check({ io, err }: Context, { name, profile }: Choice, options: LoginOptions): boolean {
  const { device = false, admin = false, stdin = false } = options;
  const byCode = logsInByCode(profile) && !stdin;
  if (device && !byCode) throw new UsageError(`login: ${name} is no login by code; leave --device out`);
  if (admin && !(byCode && profile.grant.type === "yaku"))
    throw new UsageError(`login: --admin is for a person's login to Yaku, and ${name} is none`);
  const ci = Boolean(io.env["CI"]);
  if (byCode && (ci || !(err.isTerminal || device))) {
    const why = ci ? "CI is set, so nobody is" : "nobody is at a terminal to be";
    const instead = ci
      ? "Log in elsewhere"
      : `To have it written here all the same: auth login ${name} --device`;
    throw new AuthError(
      "ERR_AUTH_INTERACTION_REQUIRED",
      "no-interaction",
      `${name}: ${why} shown a code. ${instead}.`,
    );
  }
  return byCode;
}

async function adminScopes(): Promise<readonly string[]> {
  return (await import("@auth/yaku")).admin;
}

interface Outcome {
  readonly expiresAt?: Date | undefined;
  readonly store?: string | undefined;
  readonly source?: string | undefined;
}

function report(context: Context, profile: string, { expiresAt, store, source }: Outcome): void {
  if (context.options.json) {
    context.json({ profile, expiresAt, store, source });
    return;
  }
  const { good, dim } = context.err;
  const until = expiresAt ? `expires ${fromNow(expiresAt, Date.now())}; ` : "";
  const where = store
    ? `kept in ${store}`
    : source
      ? `nothing to keep: ${source} has it`
      : "not kept: the profile's store is memory";
  context.say(`${good("Logged in")} to ${profile}\n${dim(clean(`  ${until}${where}`))}`);
}

function isFromPrompt(source: string | undefined): boolean {
  return source?.startsWith("prompt ") === true;
}

async function fromStdin(context: Context, { grant }: Profile): Promise<Provider> {
  const source = "standard input";
  const secret = await secretFromStdin(context);
  return fixed(meaning(grant, parsePayload(secret, { source }), source), source);
}

/**
 * For grants that ask no server: that a request could carry it. What has no place in a header would be kept, and fail at every
 * use. Errors: `ERR_AUTH_INVALID/secret-format` (SEC-10), `/expired-on-arrival`.
 */
async function proveUsable(profile: Profile, credential: Credential): Promise<void> {
  const grant = await makeGrant(profile, { byCode: false });
  await using auth = createAuth({ grant, credentials: fixed(credential, credential.source) });
  await auth.headers();
}
