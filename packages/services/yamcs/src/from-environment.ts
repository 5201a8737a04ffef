import { AuthError, type AuthOptions, apiKey, fixed, Secret } from "@auth/core";
import { anonymous } from "./anonymous.ts";
import { openServer, type YamcsOptions } from "./server.ts";

export interface EnvironmentOptions extends Omit<YamcsOptions, "url"> {
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** What `createAuth` takes, and where the server is. */
export type YamcsEnvironment = Pick<AuthOptions, "grant" | "credentials"> & { readonly url: string };

/**
 * The server of `YAMCS_URL`, with the API key of `YAMCS_API_KEY`, or as the guest if that is not set. The server sets both for
 * the scripts that it starts.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/not-set` without `YAMCS_URL`; `TypeError` if it is no address.
 *
 * @example
 * ```ts
 * const { url, ...options } = fromEnvironment();
 * const auth = createAuth(options);
 * const { name } = await whoAmI(auth, { url });
 * await auth[Symbol.asyncDispose](); // when the program ends
 * ```
 */
export function fromEnvironment({
  env = process.env,
  ...options
}: EnvironmentOptions = {}): YamcsEnvironment {
  const address = env["YAMCS_URL"]?.trim();
  const key = env["YAMCS_API_KEY"]?.trim();
  if (!address) {
    const text = "env YAMCS_URL: not set. Set it to the address of the server.";
    throw new AuthError("ERR_AUTH_NOT_FOUND", "not-set", text, { provider: "env YAMCS_URL" });
  }
  const { url } = openServer({ ...options, url: address });
  if (!key) return { url, grant: anonymous() };
  const credentials = fixed({ type: "api-key", key: new Secret(key) } as const, "env YAMCS_API_KEY");
  return { url, grant: apiKey(), credentials };
}
