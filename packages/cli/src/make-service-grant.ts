import type { AuthOptions } from "@auth/core";
import type { ServiceConfig } from "./config/config.ts";
import { optional } from "./optional.ts";

/** The grant of a service's package, which is installed by whoever wants it. `byCode`: a person logs in on any device. */
export async function makeServiceGrant(
  config: ServiceConfig,
  allowInsecureOrigins: readonly string[] | undefined,
  byCode: boolean,
): Promise<AuthOptions["grant"]> {
  const more = allowInsecureOrigins ? { allowInsecureOrigins } : {};
  const who = `The profile's grant is ${config.type}`;
  switch (config.type) {
    case "jamf-pro": {
      const jamfPro = await optional("@auth/jamf-pro", who, () => import("@auth/jamf-pro"));
      return config.clientId === undefined
        ? jamfPro.userAccount({ ...config, ...more })
        : jamfPro.apiClient({ ...config, ...more });
    }
    case "yaku": {
      const yaku = await optional("@auth/yaku", who, () => import("@auth/yaku"));
      const person = yaku.deviceLogin({ ...config, ...more });
      // Whoever gave the profile its token, it is one login.
      return byCode
        ? person
        : { ...yaku.applicationToken({ ...config, ...more }), partition: () => person.partition() };
    }
    case "yamcs": {
      const { userAccount, serviceAccount } = await optional("@auth/yamcs", who, () => import("@auth/yamcs"));
      const { become, ...options } = config;
      return become === undefined
        ? userAccount({ ...options, ...more })
        : serviceAccount({ ...options, ...more, become });
    }
    case "descartes-labs": {
      const { descartesLabs } = await optional(
        "@auth/descartes-labs",
        who,
        () => import("@auth/descartes-labs"),
      );
      const { scopes, ...options } = config;
      return descartesLabs({ ...options, ...more, ...(scopes && { scope: scopes }) });
    }
  }
}
