import { text } from "node:stream/consumers";
import { AuthError, fixed, type Provider } from "@auth/core";
import { parsePayload } from "@auth/core/payload";
import type { Profile } from "../config/config.ts";
import type { Context } from "../context.ts";
import { type Define, profileArgument } from "../define.ts";
import { meaning } from "../meant-for.ts";
import { clean } from "../text.ts";
import { fromNow } from "../when.ts";

interface LoginOptions {
  readonly stdin?: boolean;
  readonly scope?: readonly string[];
}

export const defineLogin: Define = (parent, context) => {
  parent
    .command("login")
    .summary("give your credential, or check that it is there")
    .description(
      "Gets a token and keeps it. Asks you for what no other source has: nothing you type is shown, and no option takes a secret.",
    )
    .addArgument(profileArgument())
    .option("--stdin", "read the secret, or a JSON credential, from standard input")
    .option("--scope <scope...>", "ask for these too")
    .action((named, options) => login(context, named, options));
};

/** Exchanges the credential now and keeps what came of it. */
async function login(context: Context, named: string | undefined, options: LoginOptions): Promise<void> {
  const choice = await context.choose(named);
  const given = options.stdin ? await fromStdin(context, choice.profile) : undefined;
  await using open = await context.open(choice, { asks: true, ...(given && { credentials: given }) });
  const { auth, kept, name, store } = open;

  if (kept) {
    const credential = await open.credentials.get(context.until);
    // What a source holds stays there; what a person gave is kept, or it would have to be given again.
    const fromPerson = given !== undefined || isFromPrompt(credential.source);
    if (fromPerson) await kept.set(credential);
    return report(context, name, fromPerson ? { store: store?.name } : { source: credential.source });
  }
  const { expiresAt } = await auth.login({
    ...context.until,
    ...(options.scope && { scopes: options.scope }),
  });
  report(context, name, { store: store?.name, expiresAt });
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

/** One line break at the end is the shell's, not the secret's (SEC-10). */
async function fromStdin({ io }: Context, { grant }: Profile): Promise<Provider> {
  const source = "standard input";
  const secret = (await text(io.stdin)).replace(/\r?\n$/, "");
  if (secret.trim() === "") {
    throw new AuthError("ERR_AUTH_NOT_FOUND", "no-input", `${source}: there is nothing on it.`, {
      provider: source,
    });
  }
  return fixed(meaning(grant, parsePayload(secret, { source }), source), source);
}
