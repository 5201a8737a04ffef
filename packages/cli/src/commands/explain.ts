import { explain as explainProvider } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, profileArgument } from "../define.ts";
import { describeNext, describeStatus } from "../describe-status.ts";
import { foresee } from "../forecast.ts";
import { renderLinks } from "../render-links.ts";
import { serverOf } from "../server-of.ts";
import { clean, definitions, wrap } from "../text.ts";
import { linksOf, storeFailure, verdictOn } from "../verdict.ts";

export const defineExplain: Define = (parent, context) => {
  parent
    .command("explain")
    .summary("why it works, or why it does not")
    .description(
      "Looks into every source of the credential, in order, and says what it found or why not; then what token is stored, and what happens next. Shows no secret, asks nobody, sends nothing to a server.",
    )
    .addArgument(profileArgument())
    .action((named) => explain(context, named));
};

async function explain(context: Context, named: string | undefined): Promise<void> {
  const { path } = await context.config();
  const choice = await context.choose(named);
  await using open = await context.open(choice, { looksOnly: true });
  const credentials = context.shown(await explainProvider(open.credentials, context.until));
  const clientSecret =
    open.clientSecret && context.shown(await explainProvider(open.clientSecret, context.until));
  const forecast = context.shown(await foresee(open));
  const { status } = forecast;
  const verdict = verdictOn(credentials, open);
  const broken = await storeFailure(open);
  const hint = hintFor();
  const { name, because } = choice;
  const { grant } = open.profile;
  if (context.options.json) {
    const chosen = { profile: name, because, config: path, grant: grant.type };
    return context.json({ ...chosen, credentials, clientSecret, status, hint });
  }

  const { out } = context;
  const now = Date.now();
  const links = linksOf(credentials);
  const head = [grant.type, serverOf(grant) ?? ""].join(" ").trim();
  context.print(`${out.bold(name)}  ${out.dim(clean(head))}\n`);
  context.print(`${out.dim(context.shown(`${path}; ${because}`))}\n`);
  context.print(`\n${out.bold("Credential")}${links.length > 1 ? out.dim(", asked in this order") : ""}\n`);
  context.print(renderLinks(links, out));
  if (clientSecret) context.print(`\n${out.bold("Client secret")}\n${renderLinks([clientSecret], out)}`);
  if (!open.kept) {
    const rows = [...describeStatus(forecast, now), ["store", status.store] as const];
    context.print(`\n${out.bold("Token")}\n${definitions(rows, out)}`);
  }
  const sentence = `auth token ${name} ${context.shown(describeNext(forecast, open, now, { verdict, broken }))}.`;
  context.print(`\n${out.bold("Next")}\n  ${wrap(sentence, out.columns, 2)}\n`);
  if (hint) context.print(`  ${out.warn(wrap(hint, out.columns, 2))}\n`);

  /** What to do, if `auth token` would fail. */
  function hintFor(): string | undefined {
    if (broken) return context.shown(broken.message);
    if (status.next === "login-needed") return `Log in: auth login ${open.name}`;
    if (status.next !== "exchange") return undefined;
    if (verdict.type === "stopped") return verdict.link.message;
    if (verdict.type === "login") return `Log in: auth login ${open.name}`;
    if (verdict.type === "nothing") return "Put the credential where one of these sources looks.";
    return clientSecret && clientSecret.outcome !== "found" ? clientSecret.message : undefined;
  }
}
