import { type Auth, createAuth, memoryStore, systemClock, type TokenRecord } from "@auth/core";
import { foreignFile } from "@auth/token-file/foreign";
import { checkOptions } from "./check-options.ts";
import { descartesLabs } from "./descartes-labs.ts";
import { iamUrl } from "./environment.ts";
import { planLogin, type TokenJsonOptions, type Warn } from "./login.ts";
import { loginSource } from "./login-source.ts";
import { loginStore } from "./login-store.ts";
import { cacheFile, tokenInfoFile } from "./token-info.ts";
import { type Here, vouchedFor } from "./whose.ts";

/**
 * The login that parameters, the environment or `token_info.json` have, with its tokens in the files of the Descartes Labs
 * client for Python, which goes on using them. The environment is read now, files when a token is needed.
 *
 * Errors of its calls: `ERR_AUTH_NOT_FOUND/no-credential`; `ERR_AUTH_INVALID/half-credential`; those of
 * {@link descartesLabs} and of `foreignFile`. `TypeError` for wrong options, and a `DESCARTESLABS_ENV` that there is none of.
 *
 * @example
 * ```ts
 * const auth = fromEnvironmentOrTokenJson();
 * const token = await auth.getToken();
 * ```
 */
export function fromEnvironmentOrTokenJson(options: TokenJsonOptions = {}): Auth {
  checkOptions("fromEnvironmentOrTokenJson", options);
  const { env = process.env, clock = systemClock, fetch, onEvent, policy, scope } = options;
  const told = new Set<string>();
  const onWarning: Warn = (warning) => {
    if (!told.has(warning.message)) options.onWarning?.(warning);
    told.add(warning.message);
  };
  const { domain = iamUrl(env) } = options;
  const grant = descartesLabs({ ...options, domain });
  const login = planLogin(options, env, clock.now(), onWarning);
  const { path, cache, token } = login;
  const format = cache ? cacheFile(login, () => clock.now()) : tokenInfoFile(login, scope);
  const here: Here = { url: new URL(domain).href.replace(/\/$/, ""), scope };
  const whose = (record: TokenRecord): TokenRecord | undefined => vouchedFor(record, here);
  const kept =
    path === undefined ? memoryStore({ clock }) : foreignFile({ path, format, cache, onWarning, whose });
  const store = loginStore(kept, { keep: cache || path === undefined, given: token, here });
  const credentials = loginSource(login, onWarning);
  return createAuth({ grant, credentials, store, name: grant.name, clock, fetch, onEvent, policy });
}
