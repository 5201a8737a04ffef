import { AuthError } from "@auth/core";
import { failureFacts } from "./failure-facts.ts";

const absent = /^(?:ERR_)?MODULE_NOT_FOUND$/;
/** Bundlers' words for a `require` that an ES module has not got. They name a module and nothing else. */
const noRequire =
  /^Dynamic require of "[\w@:./-]{1,80}" is not supported$|^Calling `require` for "[\w@:./-]{1,80}" in an environment|^require is not defined\b/m;

/**
 * A package of Microsoft's, or a part that it loads later, cannot be loaded: which one, class and code, and what to do. Nothing was
 * read yet, so there is no secret to hide. `undefined`: this is something else, unless `loading` (what for) says that it is not.
 */
export function loadFailure(
  thrown: unknown,
  what: string,
  source: string,
  loading?: string,
): AuthError | undefined {
  const { name, codes, text } = failureFacts(thrown);
  const required = noRequire.exec(text);
  const missing = codes.some((code) => absent.test(code));
  if (!required && !missing && loading === undefined) return undefined;
  const code = codes.find((each) => /^[A-Z][A-Z0-9_]{1,40}$/.test(each)) ?? required?.[0];
  const facts = [/^[A-Z]\w{0,40}$/.test(name) ? name : "Error", code].filter(Boolean).join(": ");
  const advice = required
    ? `a bundle of ES modules has no \`require\`. Leave it out of the bundle (esbuild: --external:@azure/*), or give it one: --banner:js="import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"`
    : missing
      ? `it, or a part of it, is not there. Run: npm install ${what}`
      : "install it again, and look at how this program is bundled";
  return new AuthError(
    missing ? "ERR_AUTH_UNAVAILABLE" : "ERR_AUTH_INVALID",
    missing ? "missing-package" : "package-broken",
    `${source}: ${what} cannot be loaded (${facts}): ${[advice, loading].filter(Boolean).join("; ")}.`,
    { provider: source, cause: thrown },
  );
}
