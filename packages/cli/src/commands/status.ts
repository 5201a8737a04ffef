import { explain as explainProvider } from "@auth/core";
import type { Choice } from "../config/choose-profile.ts";
import type { Context } from "../context.ts";
import { isPasted } from "../credential-type.ts";
import { type Define, profileArgument } from "../define.ts";
import { describeNext, describeStatus } from "../describe-status.ts";
import { exitCode } from "../exit-code.ts";
import { fitted } from "../fitted.ts";
import { foresee } from "../forecast.ts";
import type { OpenProfile } from "../profile.ts";
import { saidOnce } from "../said-once.ts";
import { type Known, type Standing, standingOf } from "../standing.ts";
import { clean, definitions, table, wrap } from "../text.ts";
import { storeFailure, verdictOn } from "../verdict.ts";

interface StatusOptions {
  readonly all?: boolean;
}

export const defineStatus: Define = (parent, context) => {
  parent
    .command("status")
    .summary("who is logged in, what token there is, what happens next")
    .description(
      "Says who is logged in where, what token there is and what happens next. Reads the store; asks no source and no server. Ends with 3 if a login is needed.",
    )
    .addArgument(profileArgument())
    .option("-a, --all", "every profile, one line each")
    .action((named, options) => status(context, named, options));
};

async function status(
  context: Context,
  named: string | undefined,
  { all = false }: StatusOptions,
): Promise<void> {
  const known: Known[] = [];
  for (const choice of all ? await everyProfile(context) : [await context.choose(named)]) {
    await using open = await context.open(choice, { looksOnly: true });
    const kept = open.kept && (await isThere(open.kept));
    const forecast = await foresee(open);
    const broken = await storeFailure(open, forecast.status.key);
    const empty = !forecast.status.token && (await isEmpty(open));
    known.push({ open, kept, broken, empty, ...context.shown(forecast) });
  }
  const now = Date.now();
  const reports = known.map((each) => ({ ...each, standing: context.shown(standingOf(each, now)) }));
  // What `auth token` would end with, as far as it is known without asking.
  if (reports.some(({ standing }) => standing.loginNeeded)) context.exitCode = exitCode.loginNeeded;
  else if (reports.some(({ broken }) => broken)) context.exitCode = exitCode.storage;

  if (context.options.json) return context.json(all ? reports.map(asJson) : asJson(reports[0] as Report));
  if (!all) return context.print(reports.map((report) => inFull(report, context, now)).join("\n"));
  if (reports.length === 0) return context.say("There is no profile yet. Add one: auth profiles add --help");
  context.print(atAGlance(reports, context));
}

interface Report extends Known {
  readonly standing: Standing;
}

function asJson({ open, kept, broken, dead, status, from, due, standing }: Report): object {
  const { server, account, loginNeeded } = standing;
  return {
    profile: open.name,
    grant: open.profile.grant.type,
    server,
    account,
    ...(kept !== undefined && { loggedIn: kept }),
    loginNeeded,
    ...status,
    nextFrom: from,
    due,
    refused: dead,
    ...(broken && { storeFailure: { code: broken.code, reason: broken.reason } }),
  };
}

function inFull(report: Report, context: Context, now: number): string {
  const { open, kept, broken, standing } = report;
  const { out } = context;
  const next = context.shown(describeNext(report, open, now, { broken, kept }));
  const rows = [...rowsOf(report, now)];
  if (!broken && !standing.loginNeeded) rows.push(["next", `auth token ${next}`]);
  const head = `${out.bold(open.name)}  ${out.dim(open.profile.grant.type)}\n${headline(report, context)}\n`;
  return rows.length === 0 ? head : head + definitions(rows, out);
}

/** What the headline has not said yet. */
function rowsOf(report: Report, now: number): (readonly [word: string, text: string])[] {
  const { open, kept, broken, dead, status } = report;
  if (broken) return [["failure", `${broken.code}, ${broken.reason}`]];
  if (open.kept) return kept ? [["login", `kept in ${status.store}`]] : [];
  const stored = status.token || dead || status.lastFailure ? describeStatus(report, now) : [];
  return [...stored, ["store", status.store]];
}

/** `✓ Logged in to https://idp.example as alice` */
function headline({ open, kept, broken, status, standing }: Report, { out }: Context): string {
  const { mark, server, account, loginNeeded } = standing;
  const paint = { "✓": out.good, "✗": out.bad, "-": out.dim }[mark];
  const whose = `${server ? ` to ${server}` : ""}${account ? ` as ${account}` : ""}`;
  const whoseNot = `${account ? ` for ${account}` : ""}${server ? ` at ${server}` : ""}`;
  const says = (): string => {
    if (broken) return clean(saidOnce(broken.message));
    if (loginNeeded) return `Not logged in${whose}. Run: auth login ${open.name}`;
    if (status.token || kept) return `Logged in${whose}`;
    return server ? `No token yet${whoseNot}` : "No login is kept";
  };
  return `  ${paint(mark)} ${wrap(says(), out.columns, 4)}`;
}

/** One line for each, as narrow as the terminal is. */
function atAGlance(reports: readonly Report[], { out }: Context): string {
  const rows = reports.map(({ open, standing: { mark, server = "", account = "", state } }) => [
    mark,
    open.name,
    server.replace(/^https:\/\//, ""),
    account,
    state,
  ]);
  const head = ["", "PROFILE", "SERVER", "ACCOUNT", "STATE"];
  const paint: Readonly<Record<string, (text: string) => string>> = { "✓": out.good, "✗": out.bad };
  const lines = fitted(out.isTerminal ? [head, ...rows] : rows, out.columns, [2, 3, 1]).map((row) => {
    const [mark = "", name = "", ...rest] = row;
    if (mark === "") return row.map(out.dim);
    return [(paint[mark] ?? out.dim)(mark), out.bold(name), ...rest];
  });
  return table(lines);
}

async function everyProfile(context: Context): Promise<Choice[]> {
  const { config } = await context.config();
  return Object.entries(config.profiles).map(([name, profile]) => ({ name, profile, because: "one of all" }));
}

/** A login that is a text in the files of the service's own client, and none is in any: looking there asks nobody. */
async function isEmpty(open: OpenProfile): Promise<boolean> {
  if (!isPasted(open.profile)) return false;
  return verdictOn(await explainProvider(open.credentials), open).type === "login";
}

async function isThere(kept: { get(): Promise<unknown> }): Promise<boolean> {
  return kept.get().then(
    () => true,
    () => false,
  );
}
