import { AuthError } from "@auth/core";
import { loadFailure } from "./load-failure.ts";

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

/** The package itself is not there; one that lacks something of its own is broken, and says so. */
export function isMissing(error: unknown, name: string): boolean {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && String(message).includes(`'${name}'`);
}
