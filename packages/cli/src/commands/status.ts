import type { Choice } from "../config/choose-profile.ts";
import type { Context } from "../context.ts";
import { type Define, profileArgument } from "../define.ts";
import { describeNext, describeStatus } from "../describe-status.ts";
import { definitions } from "../text.ts";
import { storeFailure } from "../verdict.ts";

interface StatusOptions {
  readonly all?: boolean;
}

export const defineStatus: Define = (parent, context) => {
  parent
    .command("status")
    .summary("what token there is, and what happens next")
    .description(
      "Says what token there is and what happens next. Reads the store; asks no source and no server.",
    )
    .addArgument(profileArgument())
    .option("-a, --all", "of every profile")
    .action((named, options) => status(context, named, options));
};

async function status(
  context: Context,
  named: string | undefined,
  { all = false }: StatusOptions,
): Promise<void> {
  const { options, out } = context;
  const reports = [];
  for (const choice of all ? await everyProfile(context) : [await context.choose(named)]) {
    await using open = await context.open(choice, { looksOnly: true });
    const kept = open.kept && (await isThere(open.kept));
    const broken = await storeFailure(open);
    reports.push({ open, kept, broken, status: context.shown(await open.auth.status()) });
  }
  if (options.json) {
    const shown = reports.map(({ open, kept, status }) => ({
      profile: open.name,
      grant: open.profile.grant.type,
      ...(kept !== undefined && { loggedIn: kept }),
      ...status,
    }));
    return context.json(all ? shown : shown[0]);
  }
  const now = Date.now();
  const blocks = reports.map(({ open, kept, broken, status }) => {
    const local = open.kept !== undefined;
    const rows = local
      ? [["login", kept ? `kept in ${status.store}` : "none"] as const]
      : [...describeStatus(status, now), ["store", status.store] as const];
    const lines = [
      ...rows,
      ["next", `auth token ${context.shown(describeNext(status, open, now, { broken }))}`] as const,
    ];
    return `${out.bold(open.name)}  ${out.dim(open.profile.grant.type)}\n${definitions(lines, out)}`;
  });
  context.print(blocks.join("\n"));
}

async function everyProfile(context: Context): Promise<Choice[]> {
  const { config } = await context.config();
  return Object.entries(config.profiles).map(([name, profile]) => ({ name, profile, because: "one of all" }));
}

async function isThere(kept: { get(): Promise<unknown> }): Promise<boolean> {
  return kept.get().then(
    () => true,
    () => false,
  );
}
