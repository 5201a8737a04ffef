import { AuthError } from "@auth/core";

const sdk = "@aws-sdk/client-secrets-manager";

const absent = /^(?:ERR_)?MODULE_NOT_FOUND$/;
/** Bundlers' words for a `require` that an ES module has not got. They name a module and nothing else. */
const noRequire =
  /^Dynamic require of "[\w@:./-]{1,80}" is not supported$|^Calling `require` for "[\w@:./-]{1,80}" in an environment|^require is not defined\b/;

/**
 * The SDK, or a part that it loads later, cannot be loaded: whose package, which class and code, and what to do. Nothing was
 * read yet, so there is no secret to hide. `undefined`: this is something else, unless `loading` says that it is not.
 */
export function loadFailure(thrown: unknown, name: string, loading = false): AuthError | undefined {
  const { message, code, kind } = look(thrown);
  const required = noRequire.exec(message);
  if (!required && !absent.test(code) && !loading) return undefined;
  const missing = absent.test(code);
  const facts = [kind, code || (required?.[0] ?? "")].filter(Boolean).join(": ");
  const advice = required
    ? `a bundle of ES modules has no \`require\`. Leave the SDK out of the bundle (esbuild: --external:@aws-sdk/*), or give it one: --banner:js="import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"`
    : missing
      ? `it, or a part of it, is not there. Run: npm install ${sdk}; a bundle must hold it whole, or not at all`
      : "install it again, and look at how this program is bundled";
  return new AuthError(
    missing ? "ERR_AUTH_UNAVAILABLE" : "ERR_AUTH_INVALID",
    missing ? "missing-package" : "package-broken",
    `${name}: ${sdk} cannot be loaded (${facts}): ${advice}.`,
    { provider: name, cause: thrown },
  );
}

function look(thrown: unknown): { message: string; code: string; kind: string } {
  const text = (key: string): string => {
    try {
      const value: unknown = Object(thrown)[key];
      return typeof value === "string" ? value : "";
    } catch {
      return "";
    }
  };
  const [kind, code] = [text("name"), text("code")];
  return {
    message: text("message"),
    code: /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : "",
    kind: /^[A-Z]\w{0,40}$/.test(kind) ? kind : "Error",
  };
}
