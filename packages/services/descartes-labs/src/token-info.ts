import { parseJson } from "@auth/core/payload";
import type { Fields } from "@auth/oauth/http";
import type { ForeignFormat } from "@auth/token-file/foreign";
import { keptToken, noToken } from "./kept-token.ts";
import type { Login } from "./login.ts";
import { sha1 } from "./sha1.ts";

/** What a file says of credentials. */
export interface TokenInfo {
  readonly fields: Fields;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly refreshToken: string | undefined;
}

/** Reads a file of either kind; throws for what is none. */
export function parseTokenInfo(text: string): TokenInfo {
  const fields = parseJson(text) as Fields;
  if (Object.getPrototypeOf(Object(fields)) !== Object.prototype) throw new SyntaxError("not an object");
  const words = ["client_id", "client_secret", "refresh_token"].map((name) => fields[name]);
  const [clientId, clientSecret, refreshToken] = words.map((word) => (isWord(word) ? word : undefined));
  return { fields, clientId, clientSecret, refreshToken };
}

const isWord = (value: unknown): value is string => typeof value === "string" && value !== "";

/** One line of ASCII: Python reads files in whatever encoding its surroundings have. */
export function formatTokenInfo(fields: Fields): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(fields).replace(/[\u007f-\uffff]/g, escaped);
}

/** `token_info.json`: credentials, the token that they bought last, and whatever else stands there. */
export function tokenInfoFile(login: Login, scope: readonly string[] | undefined): ForeignFormat {
  const { provided, clientId, secret = "", ignoreKept } = login;
  const secretIn = ({ refreshToken, clientSecret }: TokenInfo): string => refreshToken ?? clientSecret ?? "";
  const isOurs = (info: TokenInfo) => !provided || (info.clientId === clientId && secretIn(info) === secret);
  return {
    parse(text) {
      const info = parseTokenInfo(text);
      const { jwt_token: jwt, JWT_TOKEN: preferred = jwt, scope: words } = info.fields;
      const kept = isOurs(info) && !ignoreKept ? keptToken(preferred, info.clientId) : undefined;
      // A scope of the parameters is the grant's business.
      const scopes = scope || !Array.isArray(words) ? undefined : words.filter(isWord);
      return { tokens: { accessToken: kept ?? noToken, extra: { account: sha1(secretIn(info)) } }, scopes };
    },
    format(text, _key, record) {
      const info = parseTokenInfo(text ?? "{}");
      if (!record) return isOurs(info) ? undefined : text;
      const proof = provided ? secret : secretIn(info);
      // Somebody else has logged in meanwhile: the token is not theirs.
      if (sha1(proof) !== record.tokens.extra?.["account"]) return text;
      const { JWT_TOKEN: _older, ...kept } = isOurs(info) ? info.fields : { client_id: clientId };
      const jwt = record.tokens.accessToken.reveal();
      return formatTokenInfo({ ...kept, client_secret: proof, refresh_token: proof, jwt_token: jwt });
    },
  };
}

/** `jwt_token_<sha1>.json`: a token only. Clients with the same secret share the file. */
export function cacheFile({ clientId, ignoreKept }: Login, now: () => number): ForeignFormat {
  const tokenIn = (text: string, id?: string) => keptToken(parseTokenInfo(text).fields["jwt_token"], id);
  return {
    parse: (text) => ({ tokens: { accessToken: (!ignoreKept && tokenIn(text, clientId)) || noToken } }),
    format(text, _key, record) {
      // Another client's, and still good.
      if (text && !tokenIn(text, clientId) && Number(tokenIn(text)?.expiresAt) > now()) return text;
      return record && formatTokenInfo({ jwt_token: record.tokens.accessToken.reveal() });
    },
  };
}
