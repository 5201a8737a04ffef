import type { AccessToken } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, forceRefreshOption, minTtlOption, profileArgument } from "../define.ts";
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
  tellIfShort(context, open.name, token, options);
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

/** A token that is good is given out, though it ends too early: no other one can be had. */
export function tellIfShort(
  context: Context,
  profile: string,
  token: AccessToken | undefined,
  { minTtl = 0 }: TokenOptions,
): void {
  if (!token?.expiresAt) return;
  const left = token.expiresAt.getTime() - Date.now();
  // A second for the way: a token of an hour, asked for an hour, is one.
  if (left + 1_000 >= minTtl) return;
  const most = `no token of this login lasts ${duration(minTtl)}, as --min-ttl asks`;
  context.warn(`${profile}: ${most}; this one ends in ${duration(Math.max(left, 0))}.`);
}
