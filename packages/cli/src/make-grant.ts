import type { AuthOptions, Secret } from "@auth/core";
import type { Profile } from "./config/config.ts";
import { makeServiceGrant } from "./make-service-grant.ts";

/**
 * The grant that a profile names; its package is loaded only now. Throws `TypeError` for what its factory refuses;
 * `ERR_AUTH_UNAVAILABLE/missing-package`.
 */
export async function makeGrant(
  profile: Profile,
  how: { readonly clientSecret?: Secret | undefined; readonly byCode: boolean },
): Promise<AuthOptions["grant"]> {
  const { clientSecret } = how;
  const { grant, allowInsecureOrigins } = profile;
  const more = {
    ...(allowInsecureOrigins && { allowInsecureOrigins }),
    ...(clientSecret && { clientSecret }),
  };
  switch (grant.type) {
    case "client-credentials": {
      const { clientCredentials } = await import("@auth/oauth");
      return clientCredentials({ ...grant, ...more });
    }
    case "private-key": {
      const { privateKeyJwt } = await import("@auth/oauth");
      return privateKeyJwt({ ...grant, ...more });
    }
    case "refresh-token": {
      const { refreshToken } = await import("@auth/oauth");
      const { clientSecret: _, ...options } = grant;
      return refreshToken({ ...options, ...more });
    }
    case "password": {
      const { password } = await import("@auth/oauth/password");
      const { clientSecret: _, ...options } = grant;
      return password({ ...options, ...more });
    }
    case "device-code": {
      const { deviceCode } = await import("@auth/oauth/device-code");
      const { clientSecret: _, ...options } = grant;
      return deviceCode({ ...options, ...more });
    }
    case "bearer":
      return (await import("@auth/core")).bearer();
    case "api-key":
      return (await import("@auth/core")).apiKey(grant);
    case "basic":
      return (await import("@auth/core")).basic();
    default:
      return makeServiceGrant(grant, allowInsecureOrigins, how.byCode);
  }
}
