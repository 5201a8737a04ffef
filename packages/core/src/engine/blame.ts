import type { Credential } from "../credential.ts";
import { AuthError, isAuthError } from "../errors.ts";
import { provenance } from "../exchange.ts";
import type { Provenance } from "../record.ts";
import type { Setup } from "../setup.ts";
import { plain } from "./plain.ts";
import type { Work } from "./trip.ts";

interface Blamed {
  readonly setup: Setup;
  readonly credential?: Credential | undefined;
}

/** A refusal of what a source holds says which source that is: the only place where it can be mended. */
export function blame(thrown: unknown, { setup, credential }: Blamed, work: Work): unknown {
  if (!isAuthError(thrown) || !credential) return thrown;
  const { code, reason, message, cause, ...facts } = thrown;
  if (code === "ERR_AUTH_INVALID" && reason === "secret-format") {
    // A grant knows only what the credential says of itself, and that may be nothing.
    const { provider } = provenance(setup, credential);
    if (credential.source !== undefined || !provider || message.includes(provider)) return thrown;
    const text = `${message} It comes from ${provider}.`;
    return new AuthError(code, reason, text, { ...facts, provider, cause });
  }
  // What a refresh sends is the store's; only its client's secret is the source's.
  const its =
    code === "ERR_AUTH_GRANT" &&
    (reason === "credential-rejected" || (reason === "refresh-token-rejected" && work === "exchange"));
  if (!its) return thrown;
  return new AuthError(code, reason, `${message} ${refusedFrom(plain(provenance(setup, credential)))}`, {
    ...facts,
    cause,
  });
}

export function refusedFrom({ provider, version }: Provenance): string {
  return `What was refused comes from ${provider}${version === undefined ? "" : `, version ${version}`}.`;
}
