import { AccessToken, type AccessTokenCredential, AuthError, type Grant } from "@auth/core";
import type { Refused } from "@auth/oauth/http";
import { openApi, type YakuOptions } from "./api-url.ts";
import { applicationTokenId } from "./application-token-id.ts";

/**
 * A long-running application token, for programs: it has no end, is never renewed, and does what the person may do who made
 * it. It is tried at the server before it is kept, so that a wrong one replaces nothing. What was revoked, and what changed
 * in the person's permissions, shows within 60 s.
 *
 * Errors: `ERR_AUTH_INVALID/secret-format` for a text of another shape, with nothing sent; `ERR_AUTH_GRANT/credential-rejected`
 * if the server does not take it; `ERR_AUTH_INVALID` and `ERR_AUTH_UNREACHABLE` of the transport. `TypeError` for wrong options.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: applicationToken({ url: "https://yaku.example" }),
 *   credentials: fromEnv({ token: "YAKU_TOKEN" }),
 * });
 * ```
 */
export function applicationToken(options: YakuOptions): Grant<AccessTokenCredential> {
  const http = openApi(options);
  const place = { endpoint: "token list", method: "GET", url: `${http.url}/long-running-tokens` };
  return {
    name: http.name,
    accepts: ["access-token"],
    partition(credential) {
      const token = `${credential && applicationTokenId(credential.token.reveal())}`;
      return credential && `yaku ${new URLSearchParams({ url: http.url, token }).toString()}`;
    },
    async exchange(credential, context) {
      const text = credential?.token.reveal() ?? "";
      if (!applicationTokenId(text)) {
        const source = credential?.source ?? http.name;
        const what = `${source}: this is no application token of Yaku (yakp_aa_…). Store it again, whole.`;
        throw new AuthError("ERR_AUTH_INVALID", "secret-format", what, { provider: source });
      }
      const obtainedAt = new Date(context.clock.now());
      const headers = { authorization: `Bearer ${text}` };
      await http.send({ ...place, headers, repeat: "freely", refused: rejected }, context);
      return { accessToken: new AccessToken(text, { obtainedAt }) };
    },
  };
}

const rejected = ({ status, error }: Refused): AuthError | undefined => {
  const text = "does not take the token: it was revoked, or is another server's. Correct it at its source.";
  return status === 401 ? error("ERR_AUTH_GRANT", "credential-rejected", text) : undefined;
};
