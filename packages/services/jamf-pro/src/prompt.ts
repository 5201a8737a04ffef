import type { Provider } from "@auth/core";
import { type FromPromptOptions, fromPrompt } from "@auth/prompt";

export interface Questions extends Pick<FromPromptOptions, "input" | "output" | "confirm"> {
  /** `password` asks for a user account, `client-secret` for an API client. Default `password`. */
  readonly type?: "password" | "client-secret" | undefined;
  /** Given, it is not asked for. */
  readonly username?: string | undefined;
  /** Given, it is not asked for. */
  readonly clientId?: string | undefined;
}

const questions: Readonly<Record<string, string>> = {
  username: "Jamf Pro Username",
  password: "Jamf Pro Password",
  clientId: "API Client ID",
  clientSecret: "API Client Secret",
};

/**
 * Asks the person for a user account or an API client; what is given is not asked again. Errors and options as of `fromPrompt` of
 * `@auth/prompt`, which has to be installed.
 *
 * @example
 * ```ts
 * const credentials = promptForCredentials({ username: "oscar" }); // only the password is asked
 * ```
 */
export function promptForCredentials(options: Questions = {}): Provider {
  return fromPrompt({ ...options, message: (field) => questions[field] ?? field });
}
