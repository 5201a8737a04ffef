import { dirname, join } from "node:path";
import type { TokenRecord } from "@auth/core";
import { parseJson } from "@auth/core/payload";
import { instant } from "@auth/oauth/http";
import {
  type ForeignFile,
  type ForeignFileOptions,
  foreignFile,
  readForeignFile,
} from "@auth/token-file/foreign";
import { openServer, withScheme, type YamcsOptions } from "./server.ts";
import { keptTokens, nameIn } from "./session.ts";
import { invalid, partition } from "./token-endpoint.ts";

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
export function credentialsFile(options: CredentialsFileOptions): ForeignFile {
  const { path = "~/.config/yamcs-cli/credentials", tls: _, url: __, ...rest } = options;
  const { url } = openServer(options);
  const config = join(dirname(path), "config");
  const file = foreignFile({
    ...rest,
    path,
    format: { parse: (text) => parse(text, url), format: (_text, _key, record) => record && format(record) },
  });

  async function check(): Promise<void> {
    const configured = await readForeignFile({ path: config, parse: urlIn, name: file.name });
    if (configured === undefined || same(configured, url)) return;
    const text = `${config} names another server. Log in with \`yamcs login\` at this one, or give another path.`;
    throw invalid("another-server", file.name, text);
  }

  return {
    ...file,
    async read(key) {
      await check();
      return file.read(key);
    },
    async write(key, value, expected) {
      await check();
      return file.write(key, value, expected);
    },
    async prepare(key) {
      await check();
      return file.prepare(key);
    },
    async delete(key, expected) {
      await check();
      return file.delete(key, expected);
    },
  };
}

function parse(text: string, url: string): TokenRecord {
  const { access_token: access, refresh_token: refresh, expiry } = parseJson(text) as Record<string, unknown>;
  const end = expiry === undefined ? undefined : instant(expiry);
  const readable = typeof access === "string" && (refresh === null || typeof refresh === "string");
  if (!readable || (expiry !== undefined && !end)) throw new SyntaxError("no login of yamcs-cli");
  const account = nameIn(access);
  return {
    tokens: keptTokens(access, refresh ?? undefined, end),
    ...(account !== undefined && { partition: partition(url, account) }),
  };
}

function format({ tokens: { accessToken, refreshToken } }: TokenRecord): string {
  const { expiresAt } = accessToken;
  const login = {
    access_token: accessToken.reveal(),
    refresh_token: refreshToken?.reveal() ?? null,
    ...(expiresAt && { expiry: expiresAt.toISOString() }),
  };
  return JSON.stringify(login, null, 2);
}

/** `url` in the section `core` of an INI file, as Python's configparser reads it. */
function urlIn(text: string): string | undefined {
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    section = /^\[(.+)\]/.exec(line)?.[1] ?? section;
    const [, value] = /^url\s*[=:]\s*(.*?)\s*$/i.exec(line) ?? [];
    if (section === "core" && value) return value;
  }
  return undefined;
}

function same(configured: string, url: string): boolean {
  const address = withScheme(configured);
  return URL.canParse(address) && new URL(address).href.replace(/\/$/, "") === url;
}
