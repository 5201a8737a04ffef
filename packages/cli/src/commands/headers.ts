import { AuthError } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, forceRefreshOption, minTtlOption, profileArgument } from "../define.ts";
import { type TokenOptions, tellIfShort, tokenOptions } from "./token.ts";

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
  await tellIfShort(context, open, open.auth.peek(), options);
  for (const [name, value] of headers) context.print(`${name}: ${value}\n`);
}

/** SEC-24 SEC-116: compared before anything else happens, as `createFetch` does. Whoever has named no origin has allowed none. */
function checkOrigin(url: string, profile: string, origins: readonly string[] = []): void {
  const { protocol = "", username = "", origin = "" } = URL.parse(url) ?? {};
  const isPlain = /^https?:$/.test(protocol) && username === "";
  if (isPlain && origins.some((allowed) => URL.parse(allowed)?.origin === origin)) return;
  const why = !isPlain
    ? "--url takes a whole address, https://… without a name in it"
    : origins.length > 0
      ? `${origin} is not one of the profile's "origins"`
      : `the profile names no "origins". If its token may go there, add "origins": ["${origin}"]`;
  throw new AuthError(
    "ERR_AUTH_INVALID",
    "origin-not-allowed",
    `${profile}: ${why}; nothing was read or sent.`,
  );
}
