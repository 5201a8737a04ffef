import type { ApplicationToken } from "@auth/yaku";
import { Argument, InvalidArgumentError } from "commander";
import type { Context } from "../context.ts";
import { type Define, profileArgument } from "../define.ts";
import { table } from "../text.ts";
import { UsageError } from "../usage-error.ts";
import { fromNow } from "../when.ts";

export const defineTokens: Define = (parent, context) => {
  const command = parent
    .command("tokens")
    .summary("application tokens, for programs (Yaku)")
    .description(
      "Application tokens of yours, for programs: they have no end, and do what you may do. Changes show within a minute.",
    );
  command
    .command("create")
    .summary("make one; it is printed this once, and nothing else is")
    .addArgument(profileArgument())
    .requiredOption("--description <text>", "what it is for")
    .option("--admin", "it may do what an administrator may, while you are one")
    .action((named, options) => create(context, named, options));
  command
    .command("list")
    .summary("those that you have made, revoked ones too")
    .addArgument(profileArgument())
    .action((named) => list(context, named));
  command
    .command("revoke")
    .summary("end one")
    .addArgument(new Argument("<id>", "its number in the list").argParser(tokenId))
    .addArgument(profileArgument())
    .action((id, named) => revoke(context, id, named));
};

interface CreateOptions {
  readonly description: string;
  readonly admin?: boolean;
}

async function create(
  context: Context,
  named: string | undefined,
  { description, admin = false }: CreateOptions,
): Promise<void> {
  await using yaku = await open(context, named);
  const length = description.trim().length;
  if (length < 1 || length > 1_000)
    throw new UsageError("tokens create: a description has 1 to 1000 characters");
  // Once asked for, its answer is waited for and printed at once: there is no second time (SEC-122).
  const { token, ...made } = await yaku.tokens.create(description, { tryAdmin: admin });
  context.print(`${token.reveal()}\n`);
  context.flush();
  if (context.options.json) return context.say(JSON.stringify({ profile: yaku.name, ...shownToken(made) }));
  const { good, dim } = context.err;
  const end = dim(`  It has no end, and is not shown again. To end it: auth tokens revoke ${made.id}`);
  context.say(`${good("Made")} application token ${made.id} of ${yaku.name}\n${end}`);
}

async function list(context: Context, named: string | undefined): Promise<void> {
  await using yaku = await open(context, named);
  const found = context.shown((await context.unlessInterrupted(yaku.tokens.list())).map(shownToken));
  if (context.options.json) return context.json({ profile: yaku.name, tokens: found });
  const { dim, good, isTerminal } = context.out;
  const now = Date.now();
  const rows = found.map(({ id, status, tryAdmin, createdAt, description }) => {
    const made = isTerminal ? fromNow(new Date(createdAt), now) : createdAt;
    return [`${id}`, (status === "active" ? good : dim)(status), tryAdmin ? "admin" : "", made, description];
  });
  if (rows.length === 0) return context.say(`There is no application token of ${yaku.name} yet.`);
  const head = ["ID", "STATUS", "RIGHTS", "MADE", "FOR"].map(dim);
  context.print(table(isTerminal ? [head, ...rows] : rows));
}

async function revoke(context: Context, id: number, named: string | undefined): Promise<void> {
  await using yaku = await open(context, named);
  await context.unlessInterrupted(yaku.tokens.revoke(id));
  if (context.options.json) return context.json({ profile: yaku.name, id, status: "revoked" });
  const { good, dim } = context.err;
  context.say(`${good("Revoked")} ${id} of ${yaku.name}\n${dim("  It may still be taken for a minute.")}`);
}

async function open(context: Context, named: string | undefined) {
  const choice = await context.choose(named);
  const { grant, allowInsecureOrigins } = choice.profile;
  if (grant.type !== "yaku")
    throw new UsageError(`tokens: ${choice.name} is a login of type ${grant.type}, and only yaku has these`);
  const profile = await context.open(choice);
  const { applicationTokens } = await import("@auth/yaku");
  const tokens = applicationTokens(profile.auth, {
    ...grant,
    ...(allowInsecureOrigins && { allowInsecureOrigins }),
  });
  return {
    name: choice.name,
    tokens,
    [Symbol.asyncDispose]: () => profile[Symbol.asyncDispose](),
  };
}

/** What a person or a script wants to know of one. */
function shownToken({ id, description, try_admin, status, creationTime }: ApplicationToken) {
  return { id, description, status, tryAdmin: try_admin, createdAt: creationTime };
}

function tokenId(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647) return Number(text);
  throw new InvalidArgumentError("It is a number, as auth tokens list shows it.");
}
