import { AuthError, type Provider } from "@auth/core";
import { credentialFrom } from "@auth/core/payload";
import { readForeignFile } from "@auth/token-file/foreign";
import { type Login, oneSecret, type Warn } from "./login.ts";
import { parseTokenInfo } from "./token-info.ts";

/** Client id and secret: those that were given, or the file's, read anew each time. */
export function loginSource({ provided, path, ...given }: Login, warn: Warn): Provider {
  const name = "descartes-labs login";
  return {
    name,
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const read = { signal, onWarning: warn, parse: parseTokenInfo };
      const file = provided || !path ? undefined : await readForeignFile({ ...read, path });
      const { clientId } = file ?? given;
      const clientSecret = file ? oneSecret(file.clientSecret, file.refreshToken, warn) : given.secret;
      const source = provided || !path ? name : path;
      if (clientId || clientSecret) return credentialFrom({ clientId, clientSecret }, { source });
      const [reason, what] =
        file || source === name ? ["no-credential", "no client id and secret"] : ["no-file", "no file"];
      const text = `${source}: ${what} there. Log in, or set DESCARTESLABS_CLIENT_ID and DESCARTESLABS_CLIENT_SECRET.`;
      throw new AuthError("ERR_AUTH_NOT_FOUND", reason, text, { provider: source });
    },
  };
}
