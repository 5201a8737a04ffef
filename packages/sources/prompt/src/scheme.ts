import { AuthError } from "@auth/core";
import { formatReference, type Reference, type Scheme } from "@auth/core/resolver";
import { type FromPromptOptions, fromPrompt } from "./from-prompt.ts";
import { type PromptType, printable } from "./questions.ts";

/**
 * `prompt:API%20token` asks for an access token with that question. Selectors: `type` (`password`, `client-secret`,
 * `access-token`, `api-key`, `refresh-token`), `confirm=1` (ask twice), `secret=1` (said or not, nothing that is typed is
 * shown).
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const key = resolve("prompt:Acme%20API%20key?type=api-key");
 * ```
 */
export const scheme: Scheme = {
  scheme: "prompt",
  package: "@auth/prompt",
  selectors: ["confirm", "secret", "type"],
  parse: (reference) => fromPrompt(optionsOf(reference)),
  describe: (reference) => `a question at the terminal: ${printable(reference.path)}`,
};

const types: readonly PromptType[] = [
  "password",
  "client-secret",
  "access-token",
  "api-key",
  "refresh-token",
];

function optionsOf(reference: Reference): FromPromptOptions {
  const { locator, path, selectors, field } = reference;
  if (locator !== undefined || field !== undefined)
    throw invalid(reference, "has more than a question; write it as in prompt:API%20token");
  const type = types.find((type) => type === (selectors.get("type") ?? "access-token"));
  if (!type) throw invalid(reference, `has a "type" that is not one of ${types.join(", ")}`);
  if ((selectors.get("secret") ?? "1") !== "1")
    throw invalid(reference, 'has a "secret" other than 1; what is asked for is always secret');
  const confirm = selectors.get("confirm") ?? "0";
  if (confirm !== "0" && confirm !== "1") throw invalid(reference, 'has a "confirm" that is not 0 or 1');
  return { type, message: path, confirm: confirm === "1" };
}

function invalid(reference: Reference, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "reference", `${formatReference(reference)} ${problem}.`);
}
