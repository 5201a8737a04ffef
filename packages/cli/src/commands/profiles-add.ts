import { isAuthError } from "@auth/core";
import type { Config, Profile } from "../config/config.ts";
import { wrongOrigins } from "../config/origins.ts";
import { saveConfig } from "../config/save-config.ts";
import { profileName, profileSchema } from "../config/schema.ts";
import { noReference, unknownReferences, validate } from "../config/validate.ts";
import type { Context } from "../context.ts";
import { forget } from "../forget.ts";
import { looksLikeKey, UsageError } from "../usage-error.ts";

export interface AddOptions {
  readonly grant: string;
  readonly issuer?: string;
  readonly url?: string;
  readonly tokenEndpoint?: string;
  readonly clientId?: string;
  readonly clientSecretRef?: string;
  readonly scope?: readonly string[];
  readonly audience?: string;
  readonly username?: string;
  readonly become?: string;
  readonly header?: string;
  readonly credentials?: readonly string[];
  readonly origin?: readonly string[];
  readonly store?: string;
  readonly description?: string;
  readonly default?: boolean;
  readonly force?: boolean;
}

/** Writes one profile into the user's configuration, after everything that will read it has agreed to it. */
export async function addProfile(context: Context, name: string, options: AddOptions): Promise<void> {
  if (!profileName.test(name))
    throw new UsageError("profiles add: a name has up to 64 letters, digits, dots, dashes and underscores");
  if (looksLikeKey(name))
    throw new UsageError(
      "profiles add: the name looks like a key, and names are shown everywhere; it is not shown here. A name says whose login it is, like billing; auth login takes the key",
    );
  const { path, config } = await context.config();
  if (Object.hasOwn(config.profiles, name) && !options.force)
    throw new UsageError(`profiles add: there is a profile ${name} already; --force replaces it`);
  const profile = await checked(context, name, options, config);
  const replaced = config.profiles[name];
  const left = replaced && !isSameLogin(replaced, profile) ? await forget(context, name, replaced) : [];
  const isFirst = Object.keys(config.profiles).length === 0;
  await saveConfig(path, {
    ...config,
    ...((options.default || isFirst) && { defaultProfile: name }),
    profiles: { ...config.profiles, [name]: profile },
  });
  const { dim, good } = context.err;
  context.say(`${good("Added")} ${name} ${dim(`to ${path}`)}`);
  if (!profile.origins?.length)
    context.say(dim(`  Without --origin, auth headers --url gives its token out for no address.`));
  context.say(`Next: auth explain ${name}`);
  for (const each of left) context.warn(each);
}

/** All that is wrong here was typed: it is a mistake of the command line, and said in its words. */
async function checked(
  context: Context,
  name: string,
  options: AddOptions,
  { sources }: Config,
): Promise<Profile> {
  try {
    const where = `profiles add: for --grant ${options.grant}`;
    const profile: Profile = validate(profileSchema, profileOf(options), where, optionOf);
    const [unknown] = unknownReferences(profile, sources);
    if (unknown !== undefined) throw new UsageError(`${where}: ${optionOf(unknown)} ${noReference}.`);
    const [wrong] = wrongOrigins(profile);
    if (wrong) throw new UsageError(`${where}: ${optionOf(wrong.key)} ${wrong.problem}.`);
    await using _ = await context.open({ name, profile, because: "" }, { looksOnly: true });
    return profile;
  } catch (error) {
    if (isAuthError(error) && error.code === "ERR_AUTH_INVALID")
      throw new UsageError(error.message.replaceAll("unknown key --", "there is no --"));
    throw error;
  }
}

/** `grant.issuer` is `--issuer`, `credentials.0` is `--credentials`. */
function optionOf(key: string): string {
  const path = key.split(".").filter((part) => part !== "grant" && !/^\d+$/.test(part));
  return `--${optionNames[path.join(".")] ?? path.join("-").replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)}`;
}

const optionNames: Readonly<Record<string, string>> = {
  type: "grant",
  server: "url",
  domain: "url",
  scopes: "scope",
  origins: "origin",
  clientSecret: "client-secret-ref",
  "store.path": "store",
};

/** Whether what one login left may serve the other. */
function isSameLogin(one: Profile, other: Profile): boolean {
  const identity = ({ grant, origins, store }: Profile): string => JSON.stringify([grant, origins, store]);
  return identity(one) === identity(other);
}

function profileOf(options: AddOptions): object {
  const { scope, audience, store, credentials, origin, description } = options;
  const grant = {
    type: options.grant,
    issuer: options.issuer,
    [addressKey[options.grant] ?? "url"]: options.url,
    tokenEndpoint: options.tokenEndpoint,
    clientId: options.clientId,
    clientSecret: options.clientSecretRef,
    scopes: scope,
    audience,
    username: options.username,
    become: options.become,
    header: options.header,
  };
  return given({
    description,
    grant: given(grant),
    credentials: credentials?.length === 1 ? credentials[0] : credentials,
    store:
      store === undefined
        ? undefined
        : ["memory", "keychain", "shared"].includes(store)
          ? { type: store }
          : { type: "token-file", path: store },
    origins: origin,
  });
}

/** What each service calls the address of its server. */
const addressKey: Readonly<Record<string, string>> = { "jamf-pro": "server", "descartes-labs": "domain" };

function given(parts: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}
