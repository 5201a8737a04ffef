import { fakeClock } from "@auth/testkit";
import {
  type AzureKeyVaultWarning,
  type FromAzureKeyVaultOptions,
  fromAzureKeyVault,
} from "../../src/index.ts";
import { overPauses } from "./over-pauses.ts";
import { refusal, type VaultDouble } from "./vault-double.ts";
import { secretOf } from "./world.ts";

let names = 0;

/** A provider of a secret of its own, on a clock that stands still. */
export function freshProvider(vault: VaultDouble, options: Partial<FromAzureKeyVaultOptions> = {}) {
  const secret = `reading-${++names}`;
  vault.fault(undefined);
  vault.add(secret, "first");
  const clock = fakeClock();
  const credential = vault.credential();
  const warnings: AzureKeyVaultWarning[] = [];
  const provider = fromAzureKeyVault({
    vault: vault.url,
    secret,
    clock,
    credential,
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });
  const before = vault.reads();
  return {
    vault,
    secret,
    clock,
    credential,
    provider,
    warnings,
    rotate: (value: string) => vault.add(secret, value),
    value: async (forceRefresh = false) => secretOf(await overPauses(clock, provider.get({ forceRefresh }))),
    reads: () => vault.reads() - before,
  };
}

/** What a vault says that wants a pause. */
export const throttled = (seconds?: number | string) => ({
  ...refusal(429, "Throttled"),
  ...(seconds !== undefined && { headers: { "retry-after": `${seconds}` } }),
});
