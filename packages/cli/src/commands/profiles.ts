import { Argument, Option } from "commander";
import type { Context } from "../context.ts";
import type { Define } from "../define.ts";
import { table } from "../text.ts";

const grants = [
  "client-credentials",
  "refresh-token",
  "private-key",
  "password",
  "device-code",
  "bearer",
  "api-key",
  "basic",
  "jamf-pro",
  "yaku",
  "yamcs",
  "descartes-labs",
];

export const defineProfiles: Define = (parent, context) => {
  const command = parent
    .command("profiles")
    .summary("list, add and remove logins")
    .description(
      "Lists your logins and marks the one that is used when none is named. To change one: auth profiles add with --force, or edit the file that auth config path names.",
    )
    .action(() => profiles(context));
  command
    .command("list", { hidden: true })
    .summary("the same as auth profiles")
    .action(() => profiles(context));
  command
    .command("add")
    .summary("write a login into your configuration")
    .description(
      "Writes a login into your configuration. References name secrets (env:ACME_TOKEN) and are none.",
    )
    .argument("<name>", "letters, digits, dots, dashes, underscores")
    .addOption(
      new Option("-g, --grant <kind>", "how a credential becomes a token")
        .choices(grants)
        .makeOptionMandatory(),
    )
    .option("--issuer <url>", "the authorization server")
    .option("--url <url>", "the server of a jamf-pro, yaku, yamcs or descartes-labs")
    .option("--token-endpoint <url>", "its token endpoint, if it has no metadata")
    .option("--client-id <id>", "the OAuth client")
    .option("--client-secret-ref <reference>", "where the client's own secret is")
    .option("--scope <scope...>", "what to ask for")
    .option("--audience <audience>", "who the token is for")
    .option("--username <name>", "whose password it is")
    .option("--become <name>", "the user that a service account of yamcs acts as")
    .option("--header <name>", "the header of an api-key; default x-api-key")
    .option("--credentials <reference...>", "where the credential is, in order; default: you are asked")
    .option("--origin <url...>", "where the token may be sent")
    .option("--store <path>", 'a token file of its own, "keychain", "memory", or "shared"')
    .option("--description <text>", "for people")
    .option("--default", "use it when none is named")
    .option("--force", "replace the profile of that name")
    .action(async (name, options) => (await import("./profiles-add.ts")).addProfile(context, name, options));
  command
    .command("remove")
    .summary("take a login out of your configuration")
    .addArgument(new Argument("<profile>", "which login"))
    .action(async (name) => (await import("./profiles-remove.ts")).removeProfile(context, name));
};

async function profiles(context: Context): Promise<void> {
  const { config, path } = await context.config();
  const picked = await context.choose().then(
    ({ name, because }) => ({ name, because }),
    () => undefined,
  );
  const all = Object.entries(context.shown(config.profiles));
  if (context.options.json) {
    const shown = all.map(([name, { grant, credentials, store, origins, description }]) => ({
      name,
      picked: name === picked?.name,
      description,
      grant: grant.type,
      credentials: credentials === undefined ? [] : [credentials].flat(),
      store: store?.type ?? "token-file",
      origins,
    }));
    return context.json({ config: path, because: picked?.because, profiles: shown });
  }
  const { bold, dim, good, isTerminal } = context.out;
  if (all.length === 0)
    return context.say(`There is no profile yet in ${path}. Add one: auth profiles add --help`);
  const rows = all.map(([name, { grant, credentials = "asked at login", description = "" }]) => [
    name === picked?.name ? good("*") : " ",
    bold(name),
    grant.type,
    [credentials].flat().join(", "),
    dim(description),
  ]);
  const head = ["", "PROFILE", "GRANT", "CREDENTIAL", ""].map(dim);
  context.print(table(isTerminal ? [head, ...rows] : rows));
}
