import type { TokenFile } from "../../src/file-store.ts";
import { type LockOptions, lockLimits } from "../../src/lock-options.ts";
import type { Format } from "../../src/store-document.ts";
import { realSystem, type System } from "../../src/system.ts";
import { createTokenFile } from "../../src/token-file.ts";

/** A store on a system of which some parts are the test's. */
export function storeOn(
  path: string,
  parts: Partial<System> = {},
  options: LockOptions & { format?: Format } = {},
): TokenFile {
  const limits = lockLimits("test", options);
  const { allowUnsafePermissions = false, format } = options;
  return createTokenFile({ ...realSystem(), ...parts }, () => path, limits, allowUnsafePermissions, format);
}
