import { AuthError, isAuthError, type Provider } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import type { GrantConfig } from "./config/config.ts";
import { credentialType } from "./credential-type.ts";
import { readable } from "./meant-for.ts";

/**
 * Asks the person for what the grant needs and the profile does not say. `prompt:` and a text is the question for the secret;
 * `prompt:` alone asks in the usual words; a
 * selector `type` asks for something else. Errors: `ERR_AUTH_INVALID/reference` for a grant that nobody can type for.
 */
export async function promptFor(
  grant: GrantConfig,
  profile: string,
  reference: string,
  tell: (text: string) => void,
): Promise<Provider> {
  const type = credentialType(grant);
  if (type === "private-key" || type === undefined) {
    const what =
      type === undefined
        ? `${grant.type} asks for no credential. Take "credentials" out of the profile`
        : 'nobody types a private key. Name the file that holds it: "credentials": "file:~/…"';
    throw new AuthError("ERR_AUTH_INVALID", "reference", `${profile}: ${what}`);
  }
  const { fromPrompt, scheme } = await import("@auth/prompt");
  const question = reference === "prompt:" ? undefined : parseReference(reference);
  if (question) {
    const asDeclared = createResolver([scheme])(reference); // complains about what it does not know
    if (question.selectors.has("type")) return asDeclared;
  }
  const prompt = fromPrompt({
    type,
    ...(question && { message: question.path, confirm: question.selectors.get("confirm") === "1" }),
    ...("username" in grant && { username: grant.username }),
    ...(type === "client-secret" && "clientId" in grant && { clientId: grant.clientId }),
  });
  return {
    ...prompt,
    async get(options) {
      // The second read of one login: the server did not like the answer to the first (SEC-69).
      if (options?.forceRefresh) tell("The server refused that. Once more:");
      try {
        return await prompt.get(options);
      } catch (error) {
        throw isAuthError(error) && error.reason === "no-terminal" ? withoutTerminal(error) : error;
      }
    },
  };

  /** What helps here: no other source is read than the profile's own. */
  function withoutTerminal({ code, reason, message }: AuthError): AuthError {
    const [why] = message.split(". Run it");
    const how = `Run it in a terminal, or write ${readable(grant)} to: auth login ${profile} --stdin`;
    return new AuthError(code, reason, `${why}. ${how}`, { provider: prompt.name });
  }
}
