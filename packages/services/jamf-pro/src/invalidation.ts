import { type GrantContext, isAuthError, type TokenSet } from "@auth/core";
import type { Http } from "@auth/oauth/http";

/** `POST /v1/auth/invalidate-token`, for tokens of both kinds. One that is no longer valid (401) is as good as invalidated. */
export function invalidation(http: Http): (tokens: TokenSet, context: GrantContext) => Promise<void> {
  return async ({ accessToken }, context) => {
    const headers = { authorization: `Bearer ${accessToken.reveal()}` };
    const url = `${http.url}/api/v1/auth/invalidate-token`;
    try {
      await http.send(
        {
          endpoint: "invalidation endpoint",
          method: "POST",
          url,
          headers,
          repeat: "freely",
          expect: "nothing",
        },
        context,
      );
    } catch (error) {
      if (!isAuthError(error, "ERR_AUTH_GRANT") || error.status !== 401) throw error;
    }
  };
}
