import { type Explanation, explain as explainProvider, type Provider, type ServerAnswer } from "@auth/core";
import type { Choice } from "../config/choose-profile.ts";
import type { Context } from "../context.ts";
import { type Define, profileArgument } from "../define.ts";
import { describeNext, describeStatus } from "../describe-status.ts";
import { foresee } from "../forecast.ts";
import { renderLinks, renderServer } from "../render-links.ts";
import { saidOnce } from "../said-once.ts";
import { serverOf } from "../server-of.ts";
import { onlyAsks } from "../standing.ts";
import { clean, definitions, wrap } from "../text.ts";
import { linksOf, storeFailure, verdictOn } from "../verdict.ts";

export const defineExplain: Define = (parent, context) => {
  parent
    .command("explain")
    .summary("why it works, or why it does not")
    .description(
      "Looks into every source of the credential, in order, and says what it found or why not; then what token is stored, and what happens next. Shows no secret, asks nobody, and sends nothing to a server but with --try.",
    )
    .addArgument(profileArgument())
    .option("--try", "show the server the credential, once; nothing of its answer is kept")
    .action((named, options) => explain(context, named, options));
};

async function explain(
  context: Context,
  named: string | undefined,
  { try: tries = false }: { readonly try?: boolean },
): Promise<void> {
  const { path } = await context.config();
  const choice = await context.choose(named);
  await using open = await context.open(choice, { looksOnly: true });
  const look = async (provider: Provider): Promise<Explanation> => {
    const { server: _, ...found } = await explainProvider(provider, context.until);
    return context.shown(found);
  };
  const credentials = await look(open.credentials);
  const clientSecret = open.clientSecret && (await look(open.clientSecret));
  const server = tries ? await tryServer(context, choice, onlyAsks(open)) : undefined;
  const forecast = context.shown(await foresee(open));
  const { status } = forecast;
  const verdict = verdictOn(credentials, open);
  const broken = await storeFailure(open, status.key);
  const hint = hintFor();
  const { name, because } = choice;
  const { grant } = open.profile;
  if (context.options.json) {
    const chosen = { profile: name, because, config: path, grant: grant.type };
    return context.json({ ...chosen, credentials, clientSecret, server: server ?? notAsked, status, hint });
  }

  const { out } = context;
  const now = Date.now();
  const address = serverOf(grant);
  const links = linksOf(credentials);
  const section = (title: string, content: string): void => context.print(`\n${out.bold(title)}${content}`);
  context.print(`${out.bold(name)}  ${out.dim(clean([grant.type, address ?? ""].join(" ").trim()))}\n`);
  context.print(`${out.dim(context.shown(`${path}; ${because}`))}\n`);
  section(
    "Credential",
    `${links.length > 1 ? out.dim(", asked in this order") : ""}\n${renderLinks(links, out)}`,
  );
  if (clientSecret) section("Client secret", `\n${renderLinks([clientSecret], out)}`);
  if (server || address)
    section("Server", `\n${renderServer(clean(address ?? ""), server ?? ask(name), out)}`);
  if (!open.kept) {
    const rows = [...describeStatus(forecast, now), ["store", status.store] as const];
    section("Token", `\n${definitions(rows, out)}`);
  }
  const next = context.shown(describeNext(forecast, open, now, { verdict, broken, server }));
  section("Next", `\n  ${wrap(`auth token ${name} ${next}.`, out.columns, 2)}\n`);
  if (hint) context.print(`  ${out.warn(wrap(hint, out.columns, 2))}\n`);

  /** What to do, if `auth token` would fail. */
  function hintFor(): string | undefined {
    if (broken) return saidOnce(context.shown(broken.message));
    if (status.next === "login-needed") return `Log in: auth login ${open.name}`;
    if (status.next !== "exchange") return undefined;
    if (verdict.type === "stopped") return saidOnce(verdict.link.message ?? "");
    if (verdict.type === "login") return `Log in: auth login ${open.name}`;
    if (verdict.type === "nothing") return "Put the credential where one of these sources looks.";
    return clientSecret && clientSecret.outcome !== "found" ? clientSecret.message : undefined;
  }
}

const notAsked: ServerAnswer = { outcome: "not-asked", reason: "no-grant", durationMs: 0 };

function ask(name: string): ServerAnswer {
  return { ...notAsked, message: `The server was not asked. To ask it once: auth explain ${name} --try` };
}

/** One exchange, of which nothing is kept: no login is used up or replaced, and nobody is asked. */
async function tryServer(context: Context, choice: Choice, byPerson: boolean): Promise<ServerAnswer> {
  await using open = await context.open(choice, { unattended: !byPerson });
  const { grant } = open;
  if (!grant) {
    // The service's own client, whose login is a refresh token.
    const message = "The server was not asked: that would use up the refresh token.";
    return { ...notAsked, reason: "spends-refresh-token", message };
  }
  const { server = notAsked } = await explainProvider(open.credentials, { ...context.until, grant });
  return context.shown(server);
}
