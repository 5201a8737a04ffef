import { homeDirectory } from "@auth/core/home";
import type { SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";
import { named } from "./transport.ts";

/**
 * What the SDK's client is told where there is no home directory; nothing where there is one. The SDK looks into its files
 * for each setting that nobody gave, wherever those files are said to be, and a missing home is then a rejection that nobody
 * handles, which ends the process. So each of them is given, as the environment has it: enough for keys of the environment.
 * Profiles and roles are read with those files. Errors: `ERR_AUTH_UNAVAILABLE/no-home`.
 */
export function settingsWithoutHome(name: string, region: string | undefined): SecretsManagerClientConfig {
  try {
    homeDirectory(name);
    return {};
  } catch (noHome) {
    const { env } = process;
    if (env["AWS_PROFILE"] || !env["AWS_ACCESS_KEY_ID"] || !env["AWS_SECRET_ACCESS_KEY"]) throw noHome;
    const place = region ?? env["AWS_REGION"];
    if (!place) throw named("RegionMissing");
    const said = (variable: string): boolean => env[variable]?.toLowerCase() === "true";
    const endpoint = said("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
      ? undefined
      : env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] || env["AWS_ENDPOINT_URL"];
    return {
      region: place,
      ...(endpoint && { endpoint }),
      ignoreConfiguredEndpointUrls: true,
      useFipsEndpoint: said("AWS_USE_FIPS_ENDPOINT"),
      useDualstackEndpoint: said("AWS_USE_DUALSTACK_ENDPOINT"),
      defaultsMode: "legacy",
      retryMode: "standard",
      disableClockSkewCorrection: said("AWS_DISABLE_CLOCK_SKEW_CORRECTION"),
      authSchemePreference: [],
      userAgentAppId: env["AWS_SDK_UA_APP_ID"] ?? "",
    };
  }
}
