import { AuthError } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, forceRefreshOption, minTtlOption, profileArgument } from "../define.ts";
import { type TokenOptions, tokenOptions } from "./token.ts";

interface HeadersOptions extends TokenOptions {
  readonly url?: string;
  readonly method?: string;
}

export const defineHeaders: Define = (parent, context) => {
  parent
    .command("headers")
    .summary("print the headers of an authenticated request")
    .description(
      "Prints headers, one per line, as curl reads them:\n\n  auth headers | curl -H @- https://api.example.com",
    )
    .addArgument(profileArgument())
    .option("--url <url>", "where the request goes; must be one of the profile's origins")
    .option("--method <method>", "its method, for credentials that depend on it", "GET")
    .addOption(minTtlOption())
    .addOption(forceRefreshOption())
    .action((named, options) => headers(context, named, options));
};

async function headers(
  context: Context,
  named: string | undefined,
  { url, method = "GET", ...options }: HeadersOptions,
): Promise<void> {
  const choice = await context.choose(named);
  if (url !== undefined) checkOrigin(url, choice.name, choice.profile.origins);
  await using open = await context.open(choice);
  const headers = new Headers();
  await open.auth.authorize(
    { method: method.toUpperCase(), url: url ?? "", headers },
    { ...context.until, ...tokenOptions(options) },
  );
  for (const [name, value] of headers) context.print(`${name}: ${value}\n`);
}

/** SEC-24: compared before anything else happens. */
function checkOrigin(url: string, profile: string, origins: readonly string[] | undefined): void {
  const origin = URL.parse(url)?.origin;
  if (!origins || (origin !== undefined && origins.some((allowed) => URL.parse(allowed)?.origin === origin)))
    return;
  throw new AuthError(
    "ERR_AUTH_INVALID",
    "origin-not-allowed",
    `${profile}: ${origin ?? "this URL"} is not one of the profile's "origins"; nothing was read or sent.`,
  );
}
