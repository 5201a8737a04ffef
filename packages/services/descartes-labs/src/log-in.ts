import { type Auth, encodeRecord } from "@auth/core";
import { foreignFile } from "@auth/token-file/foreign";
import { loginUrl } from "./environment.ts";
import { fromEnvironmentOrTokenJson } from "./from-environment-or-token-json.ts";
import { noToken } from "./kept-token.ts";
import { defaultPath, type TokenJsonOptions } from "./login.ts";
import { formatTokenInfo, parseTokenInfo } from "./token-info.ts";

export interface LogInOptions extends Omit<TokenJsonOptions, "tokenInfoPath"> {
  /** The file to write. Default `DESCARTESLABS_TOKEN_INFO_PATH`, then `~/.descarteslabs/token_info.json`. */
  readonly tokenInfoPath?: string | undefined;
  /** Asks the person for the text that the page shows; `again`: what was given is none. Nothing, or a blank: no login. */
  readonly ask: (question: { readonly url: string; readonly again: boolean }) => Promise<string | undefined>;
}

/**
 * A login by a text that a person copies from a page of Descartes Labs: it is written to `token_info.json`, in place of the login
 * there. Resolves to the `Auth`, or to nothing if nothing was given; credentials of parameters and environment still come first.
 *
 * Errors: those of `tokenFile` for the file, and what `ask` throws.
 *
 * @example
 * ```ts
 * const auth = await logIn({ ask: ({ url }) => terminal.question(`Open ${url}, and paste what it shows: `) });
 * ```
 */
export async function logIn(login: LogInOptions): Promise<Auth | undefined> {
  if (typeof login?.ask !== "function") throw new TypeError("logIn: `ask` is missing; it asks the person");
  const { ask, ...options } = login;
  const { env = process.env, onWarning, tokenInfoPath: path = defaultPath(env) } = options;
  const auth = fromEnvironmentOrTokenJson(options);
  for (let again = false; ; again = true) {
    const text = (await ask({ url: loginUrl(env), again }))?.trim();
    if (!text) return undefined;
    const pasted = parsePasted(text);
    if (!pasted) continue;
    // Whatever login is there, it is to go; what is none is kept aside.
    const parse = (present: string): undefined => void parseTokenInfo(present);
    const file = foreignFile({ path, format: { parse, format: () => pasted }, onWarning });
    const record = encodeRecord({ tokens: { accessToken: noToken } });
    await file.withLock(auth.name, () => file.write(auth.name, record, undefined));
    return auth;
  }
}

/** The file's text for a pasted one: base64url of JSON, with or without padding. */
function parsePasted(text: string): string | undefined {
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "base64url"));
    const { fields, clientId, clientSecret, refreshToken = clientSecret } = parseTokenInfo(json);
    const info = { client_secret: refreshToken, ...fields, refresh_token: refreshToken };
    return clientId && refreshToken ? formatTokenInfo(info) : undefined;
  } catch {
    return undefined;
  }
}
