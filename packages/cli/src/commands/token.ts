import type { Context } from "../context.ts";
import { type Define, forceRefreshOption, minTtlOption, profileArgument } from "../define.ts";

export interface TokenOptions {
  /** In ms. */
  readonly minTtl?: number;
  readonly forceRefresh?: boolean;
}

export const defineToken: Define = (parent, context) => {
  parent
    .command("token")
    .summary("print the token, and nothing else")
    .addArgument(profileArgument())
    .addOption(minTtlOption())
    .addOption(forceRefreshOption())
    .action((named, options) => token(context, named, options));
};

async function token(context: Context, named: string | undefined, options: TokenOptions): Promise<void> {
  await using open = await context.open(await context.choose(named));
  const token = await open.auth.getToken({ ...context.until, ...tokenOptions(options) });
  context.print(`${token.reveal()}\n`);
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
