import { AuthError, type Credential, type Provider } from "@auth/core";
import { credentialFrom } from "@auth/core/payload";
import { readForeignFile } from "@auth/token-file/foreign";
import { advice, type Login, oneSecret, type Warn } from "./login.ts";
import { parseTokenInfo } from "./token-info.ts";

/** Client id and secret: those that were given, or the file's, read anew each time. */
export function loginSource({ provided, path, ...given }: Login, onWarning: Warn): Provider {
  const name = "descartes-labs login";
  return {
    name,
    async get({ signal } = {}) {
      if (provided || path === undefined) return credential(given, name);
      const file = await readForeignFile({ path, signal, onWarning, parse: parseTokenInfo });
      const secret = oneSecret(file?.clientSecret, file?.refreshToken, onWarning);
      return credential({ clientId: file?.clientId, secret }, path);
    },
  };
}

type Proof = Pick<Login, "clientId" | "secret">;

function credential({ clientId, secret: clientSecret }: Proof, source: string): Credential {
  if (clientId || clientSecret) return credentialFrom({ clientId, clientSecret }, { source });
  const text = `${source}: no client id and secret there. ${advice}`;
  throw new AuthError("ERR_AUTH_NOT_FOUND", "no-credential", text, { provider: source });
}
