import { AuthError } from "@auth/core";
import { formatReference, type Reference, type Scheme } from "@auth/core/resolver";
import { type FromAzureKeyVaultOptions, fromAzureKeyVault } from "./from-azure-key-vault.ts";

/**
 * `azure-kv://billing/db-password`, `azure-kv://billing/db-password/0f1e…?cloud=usgov#/password`, and the identifier as it is:
 * `https://billing.vault.azure.net/secrets/db-password`. Selectors: `version`, `cloud`, `bare` (what text is: `token`,
 * `apiKey`, `refreshToken`), `encoding` (`utf8`, `base64`).
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const password = resolve("azure-kv://billing/db#/password");
 * ```
 */
export const scheme: Scheme = {
  scheme: "azure-kv",
  aliases: ["https"],
  package: "@auth/azure-key-vault",
  selectors: ["bare", "cloud", "encoding", "version"],
  parse(reference) {
    const { selectors, field } = reference;
    const choices = ["bare", "cloud", "encoding"].map((key) => [key, selectors.get(key)]);
    if (["password", "clientSecret", "privateKey"].includes(selectors.get("bare") ?? ""))
      throw invalid(reference, "cannot say whose secret it is; use the option `bare` in code");
    try {
      return fromAzureKeyVault({
        ...where(reference),
        field,
        ...(Object.fromEntries(choices) as Pick<FromAzureKeyVaultOptions, "bare" | "cloud" | "encoding">),
      });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw invalid(reference, `is refused: ${error.message.replace("fromAzureKeyVault: ", "")}`);
    }
  },
  describe({ scheme, locator, path, field }) {
    const name = scheme === "https" ? `https://${locator}/${path}` : path;
    const vault = scheme === "https" || locator === undefined ? "" : ` of the vault ${locator}`;
    const part = field === undefined ? "" : `"${field}" in `;
    return `${part}the secret ${name}${vault}`.replace(/\p{C}/gu, "\ufffd");
  },
};

/** A third segment is a version; so is the selector, and both must mean the same. */
function where(reference: Reference): Pick<FromAzureKeyVaultOptions, "secret" | "vault" | "version"> {
  const { scheme, locator, path, selectors } = reference;
  const version = selectors.get("version");
  if (scheme === "https") return { secret: `https://${locator}/${path}`, version };
  if (/^https:/i.test(path)) return { secret: path, version };
  if (locator === undefined) throw invalid(reference, "names no vault; it looks like azure-kv://VAULT/NAME");
  const [secret = "", part, ...rest] = path.replace(/\/$/, "").split("/");
  if (rest.length > 0) throw invalid(reference, "has more parts than vault, name and version");
  if (part && version !== undefined && part !== version) throw invalid(reference, "names two versions");
  return { secret, vault: locator, version: part || version };
}

function invalid(reference: Reference, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "reference", `${formatReference(reference)} ${problem}.`);
}
