import { dirname, join } from "node:path";
import type { TokenRecord } from "@auth/core";
import { parseJson } from "@auth/core/payload";
import { instant } from "@auth/oauth/http";
import { type ForeignFileOptions, foreignFile, readForeignFile } from "@auth/token-file/foreign";
import { invalid, partition } from "./credential.ts";
import { openServer, withScheme, type YamcsOptions } from "./server.ts";
import { keptTokens, nameIn } from "./session.ts";

export interface CredentialsFileOptions
  extends Pick<YamcsOptions, "url" | "tls" | "allowInsecureOrigins">,
    Omit<ForeignFileOptions, "path" | "format" | "name" | "cache"> {
  /** Default `~/.config/yamcs-cli/credentials`. */
  readonly path?: string | undefined;
}

/**
 * The login of the command-line client of Yamcs, as a store: whoever of the two logs in or renews, both are logged in. The file
 * holds one login and does not say at which server: that is in `config` beside it, and the login of another server is neither
 * used nor replaced.
 *
 * Errors: those of `tokenFile`; `ERR_AUTH_INVALID/another-server` if the client is set to another one. `TypeError` for wrong
 * options.
 *
 * @example
 * ```ts
 * const url = "https://yamcs.example";
 * const auth = createAuth({ grant: userAccount({ url }), store: credentialsFile({ url }), name: "yamcs" });
 * ```
 */
export function credentialsFile(options: CredentialsFileOptions): ReturnType<typeof foreignFile> {
  const { path = "~/.config/yamcs-cli/credentials", tls: _, url: __, ...rest } = options;
  const { url } = openServer(options);
  const config = join(dirname(path), "config");
  const file = foreignFile({
    ...rest,
    path,
    format: { parse: (text) => parse(text, url), format: (_text, _key, record) => record && format(record) },
  });

  /** `work`, if the client is set to our server. */
  async function here<T>(work: () => Promise<T>): Promise<T> {
    const configured = await readForeignFile({ path: config, parse: urlIn, name: file.name });
    if (configured === undefined || same(configured, url)) return work();
    const text = `${config} names another server. Log in with \`yamcs login\` at this one, or give another path.`;
    throw invalid("another-server", file.name, text);
  }

  return {
    ...file,
    // Asked for when it is needed: it may name a place that is not known yet.
    get name() {
      return file.name;
    },
    read: (key) => here(() => file.read(key)),
    write: (...login) => here(() => file.write(...login)),
    delete: (...login) => here(() => file.delete(...login)),
    prepare: (key) => here(() => file.prepare(key)),
  };
}

function parse(text: string, url: string): TokenRecord {
  const { access_token: access, refresh_token: refresh, expiry } = parseJson(text) as Record<string, unknown>;
  const end = instant(expiry);
  const readable = typeof access === "string" && (refresh === null || typeof refresh === "string");
  if (!readable || (expiry !== undefined && !end)) throw new SyntaxError("no login of yamcs-cli");
  const account = nameIn(access);
  return { tokens: keptTokens(access, refresh ?? undefined, end), partition: partition({ url, account }) };
}

function format({ tokens: { accessToken, refreshToken } }: TokenRecord): string {
  const access_token = accessToken.reveal();
  const refresh_token = refreshToken?.reveal() ?? null;
  return JSON.stringify({ access_token, refresh_token, expiry: accessToken.expiresAt }, null, 2);
}

/** `url` in the section `core` of an INI file, as Python's configparser reads it. */
function urlIn(text: string): string | undefined {
  const core = text.split(/^\[/m).find((section) => section.startsWith("core]")) ?? "";
  return /^url[^\S\n]*[=:][^\S\n]*(\S+)/im.exec(core)?.[1];
}

function same(configured: string, url: string): boolean {
  const address = withScheme(configured);
  return URL.canParse(address) && new URL(address).href.replace(/\/$/, "") === url;
}
