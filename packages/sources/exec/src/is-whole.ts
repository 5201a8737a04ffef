import { isAbsolute } from "node:path";

/** A path that means the same wherever this process stands: on Windows, with its drive. */
export const isWhole = (path: string): boolean =>
  isAbsolute(path) && (process.platform !== "win32" || /^(?:[a-z]:[\\/]|[\\/]{2})/i.test(path));
