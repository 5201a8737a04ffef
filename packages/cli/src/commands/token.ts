import type { AccessToken } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, forceRefreshOption, minTtlOption, profileArgument } from "../define.ts";
import { canRefresh } from "../forecast.ts";
import type { OpenProfile } from "../profile.ts";
import { onlyAsks } from "../standing.ts";
import { duration } from "../when.ts";

export interface TokenOptions {
  /** In ms. */
  readonly minTtl?: number;
  readonly forceRefresh?: boolean;
}

export const defineToken: Define = (parent, context) => {
  parent
    .command("token")
    .summary("print the token, and nothing else")
    .description("Prints the token and nothing else; with --json an object of token, type and expiresAt.")
    .addArgument(profileArgument())
    .addOption(minTtlOption())
    .addOption(forceRefreshOption())
    .action((named, options) => token(context, named, options));
};

async function token(context: Context, named: string | undefined, options: TokenOptions): Promise<void> {
  await using open = await context.open(await context.choose(named));
  const token = await open.auth.getToken({ ...context.until, ...tokenOptions(options) });
  await tellIfShort(context, open, token, options);
  const { type, expiresAt } = token;
  if (context.options.json) context.json({ token: token.reveal(), type, expiresAt });
  else context.print(`${token.reveal()}\n`);
}

export function tokenOptions({ minTtl, forceRefresh }: TokenOptions): {
  minTtlMs?: number;
  forceRefresh?: boolean;
} {
  return {
    ...(minTtl !== undefined && { minTtlMs: minTtl }),
    ...(forceRefresh && { forceRefresh }),
  };
}

/**
 * A token that is good is given out, though it ends before what was asked for: that is renewed for half of a lifetime at most, or
 * every call would.
 */
export async function tellIfShort(
  context: Context,
  open: OpenProfile,
  token: AccessToken | undefined,
  { minTtl = 0, forceRefresh = false }: TokenOptions,
): Promise<void> {
  if (!token?.expiresAt) return;
  const left = token.expiresAt.getTime() - Date.now();
  // A second for the way: a token of an hour, asked for an hour, is one.
  if (left + 1_000 >= minTtl) return;
  const why = forceRefresh ? "It is new: this login gets none that lasts longer." : await adviceFor(open);
  const ends = `this token ends in ${exactly(Math.max(left, 0))}, and --min-ttl asks for ${exactly(minTtl)}`;
  context.warn(`${open.name}: ${ends}. ${why}`);
}

/** What gets one that lasts longer, if something does. */
async function adviceFor(open: OpenProfile): Promise<string> {
  if (open.grant?.local) return "It is used as it is, and nothing here renews it.";
  if (!onlyAsks(open) || (await canRefresh(open)))
    return "More than half of a token's lifetime cannot be asked for; --force-refresh gets one with all of it.";
  return `Only a login gets a new one: auth login ${open.name}`;
}

/** As it was typed, where people type seconds. */
function exactly(ms: number): string {
  return ms < 120_000 ? `${Math.floor(ms / 1_000)} s` : duration(ms);
}
