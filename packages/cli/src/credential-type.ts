import type { Credential } from "@auth/core";
import type { GrantConfig } from "./config/config.ts";

/** What each grant takes; `basic` takes a client id and secret as well. */
export const credentialType: Readonly<Record<GrantConfig["type"], Credential["type"]>> = {
  "client-credentials": "client-secret",
  "refresh-token": "refresh-token",
  "private-key": "private-key",
  password: "password",
  bearer: "access-token",
  "api-key": "api-key",
  basic: "password",
};
