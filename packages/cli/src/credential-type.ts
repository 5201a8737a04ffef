import type { Credential } from "@auth/core";
import type { GrantConfig, Profile } from "./config/config.ts";

/** What a grant takes; `basic` takes a client id and secret as well. Nothing: a person's word on another device. */
export function credentialType(grant: GrantConfig): Credential["type"] | undefined {
  switch (grant.type) {
    case "client-credentials":
    case "descartes-labs":
      return "client-secret";
    case "refresh-token":
    case "private-key":
    case "api-key":
      return grant.type;
    case "password":
    case "basic":
      return "password";
    case "bearer":
    case "yaku":
      return "access-token";
    case "jamf-pro":
      return grant.clientId === undefined ? "password" : "client-secret";
    case "yamcs":
      return grant.become === undefined ? "password" : "client-secret";
    case "device-code":
      return undefined;
  }
}

/** A person logs in with a code, on any device, and no source is asked. */
export function logsInByCode({ grant, credentials }: Profile): boolean {
  return grant.type === "device-code" || (grant.type === "yaku" && credentials === undefined);
}

/** The login of Descartes Labs' own client, in its own files: a text that a person copies from a page. */
export function isPasted({ grant, credentials, store }: Profile): boolean {
  const own = store === undefined || store.type === "shared";
  return grant.type === "descartes-labs" && grant.clientId === undefined && credentials === undefined && own;
}
