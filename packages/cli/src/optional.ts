import { AuthError } from "@auth/core";
import { loadFailure } from "./load-failure.ts";
import { isMissing } from "./schemes.ts";

/**
 * Loads a package that is installed beside the command by whoever wants it; `who` needs it. Errors:
 * `ERR_AUTH_UNAVAILABLE/missing-package` if it is not there, `/load-failed` if it is broken.
 */
export async function optional<T>(name: string, who: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw loadFailure(error, `${who}, and ${name}`);
    const what = `${who}, and ${name} is not installed. Install it beside @auth/cli.`;
    throw new AuthError("ERR_AUTH_UNAVAILABLE", "missing-package", what);
  }
}
