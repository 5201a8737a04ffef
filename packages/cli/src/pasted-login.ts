import { join } from "node:path";
import { type Auth, AuthError, chain, type Provider } from "@auth/core";
import { homeDirectory } from "@auth/core/home";
import type { Profile } from "./config/config.ts";
import { byPerson } from "./credentials.ts";
import { lookingClock } from "./looking-clock.ts";
import { optional } from "./optional.ts";
import type { OpenOptions, OpenProfile } from "./profile.ts";

type Options = Pick<OpenOptions, "looksOnly" | "onEvent" | "tell">;

/** The `Auth` of the login that is there, and what `auth explain` looks into. */
export async function openPasted(name: string, profile: Profile, options: Options): Promise<OpenProfile> {
  const { fromEnvironmentOrTokenJson } = await load();
  const clock = options.looksOnly ? lookingClock() : undefined;
  const auth = fromEnvironmentOrTokenJson({ ...settings(profile, options), ...(clock && { clock }) });
  const credentials = await sources(name, profile);
  return {
    name,
    profile,
    auth,
    credentials,
    ...(clock && { clock }),
    [Symbol.asyncDispose]: () => auth[Symbol.asyncDispose](),
  };
}

/**
 * Asks for the text and keeps it, in place of the login that was there; `given`: it is known. Errors: those of the prompt;
 * `ERR_AUTH_INVALID/secret-format` if what is given is none.
 */
export async function paste(
  name: string,
  profile: Profile,
  { given, signal, ...options }: Options & { given?: string; signal?: AbortSignal },
): Promise<Auth | undefined> {
  const { logIn } = await load();
  const { fromPrompt } = await import("@auth/prompt");
  const prompt = fromPrompt({ type: "access-token", message: "Text of the page" });
  const { tokenInfoPath, ...rest } = settings(profile, options);
  return logIn({
    ...rest,
    ...(tokenInfoPath !== undefined && { tokenInfoPath }),
    async ask({ url, again }) {
      if (given !== undefined) {
        if (!again) return given;
        const text = `${name}: this is not the text that ${url} shows. Copy it again, whole.`;
        throw new AuthError("ERR_AUTH_INVALID", "secret-format", text, { provider: name });
      }
      options.tell?.(
        again ? "That is not the text of the page. Once more:" : `Log in at ${url} and copy the text.`,
      );
      const credential = await prompt.get(signal ? { signal } : {});
      return credential.type === "access-token" ? credential.token.reveal() : undefined;
    },
  });
}

const load = () =>
  optional(
    "@auth/descartes-labs",
    "The profile's grant is descartes-labs",
    () => import("@auth/descartes-labs"),
  );

function settings({ grant, store, allowInsecureOrigins }: Profile, { onEvent, tell }: Options) {
  if (grant.type !== "descartes-labs") throw new TypeError("this login is for descartes-labs");
  const { domain, scopes, leewayMs, timeoutMs } = grant;
  return {
    domain,
    leewayMs,
    ...(timeoutMs !== undefined && { timeoutMs }),
    scope: scopes,
    tokenInfoPath: store?.type === "shared" ? store.path : undefined,
    onEvent,
    onWarning: ({ message }: { readonly message: string }) => tell?.(message),
    ...(allowInsecureOrigins && { allowInsecureOrigins }),
  };
}

/** To be looked into; the package reads them by itself. */
async function sources(name: string, { store }: Profile): Promise<Provider> {
  const [{ fromEnv }, { fromFile }] = await Promise.all([import("@auth/env"), import("@auth/file")]);
  const named = store?.type === "shared" ? store.path : process.env["DESCARTESLABS_TOKEN_INFO_PATH"];
  const path = (named || "~/.descarteslabs/token_info.json").replace(/^~(?=[/\\])/, () =>
    homeDirectory(name),
  );
  const fields = { clientId: "client_id", clientSecret: "client_secret" };
  return chain(
    fromEnv({ prefix: "DESCARTESLABS", type: "client-secret" }),
    fromFile({ path: join(path), format: "json", fields }),
    byPerson(name, "a text that you paste"),
  );
}
