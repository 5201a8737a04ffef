import { dirname, join } from "node:path";
import { decodeRecord, isAuthError, type Stored, type TokenRecord } from "@auth/core";
import { parseJson } from "@auth/core/payload";
import { instant } from "@auth/oauth/http";
import { type ForeignFileOptions, foreignFile, readForeignFile } from "@auth/token-file/foreign";
import { invalid, partition, urlOf } from "./credential.ts";
import { openServer, withScheme, type YamcsOptions } from "./server.ts";
import { keptTokens, nameIn } from "./session.ts";

export interface CredentialsFileOptions
  extends Pick<YamcsOptions, "url" | "tls" | "allowInsecureOrigins">,
    Omit<ForeignFileOptions, "path" | "format" | "name" | "cache" | "whose"> {
  /** Default `~/.config/yamcs-cli/credentials`. */
  readonly path?: string | undefined;
}

/**
 * The login of the command-line client of Yamcs, as a store: whoever of the two logs in or renews, both are logged in. The file
 * holds one login and does not say at which server: that is in `config` beside it, or, of what we have written, in
 * `credentials.whose`. The login of another server, or of one that nobody knows, is neither used nor replaced but by a login.
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
  const { url } = openServer(options);
  const { path = "~/.config/yamcs-cli/credentials", tls: _, url: __, ...rest } = options;
  const config = join(dirname(path), "config");
  const file = foreignFile({
    ...rest,
    path,
    format: { parse, format: (_text, _key, record) => record && format(record) },
    async whose(record) {
      if ((await configured()) === undefined) return undefined;
      const account = nameIn(record.tokens.accessToken.reveal());
      return { ...record, partition: partition({ url, account }) };
    },
  });

  const configured = (): Promise<string | undefined> =>
    readForeignFile({ path: config, parse: urlIn, name: file.name });

  /** `work`, if the client is set to our server. */
  async function here<T>(work: () => Promise<T>): Promise<T> {
    const server = await configured();
    if (server === undefined || same(server, url)) return work();
    const text = `${config} names another server. Log in with \`yamcs login\` at this one, or give another path.`;
    throw invalid("another-server", file.name, text);
  }

  /** A login of this server. Another one's must not even look like one: without an account, the name would be all we go by. */
  function ours(found: Stored | undefined): Stored | undefined {
    const whose = found && decodeRecord(found.value).partition;
    if (whose === undefined || urlOf(whose) === url) return found;
    const text = "it holds the login of another server, or of nobody knows which, and is left alone.";
    const advice = "Log in with `yamcs login` at this one, or give another path.";
    throw invalid("another-server", file.name, `${text} ${advice}`);
  }

  return {
    ...file,
    // Asked for when it is needed: it may name a place that is not known yet.
    get name() {
      return file.name;
    },
    read: (key) => here(async () => ours(await file.read(key))),
    write: (...login) => here(() => file.write(...login)),
    delete: (...login) =>
      here(async () => {
        await file.read(login[0]).then(ours, damaged);
        return file.delete(...login);
      }),
    prepare: (key) => here(() => file.prepare(key)),
  };
}

/** What cannot be read is no login of anybody. */
function damaged(error: unknown): void {
  if (!isAuthError(error, "ERR_AUTH_INVALID") || error.reason !== "store-corrupted") throw error;
}

function parse(text: string): TokenRecord {
  const { access_token: access, refresh_token: refresh, expiry } = parseJson(text) as Record<string, unknown>;
  const end = instant(expiry);
  const readable = typeof access === "string" && (refresh === null || typeof refresh === "string");
  if (!readable || (expiry !== undefined && !end)) throw new SyntaxError("no login of yamcs-cli");
  return { tokens: keptTokens(access, refresh ?? undefined, end) };
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
