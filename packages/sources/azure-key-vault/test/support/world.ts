import { type Credential, isAuthError, type Provider } from "@auth/core";
import { afterAll, beforeAll } from "vitest";
import { resolveLocalhost } from "./localhost.ts";
import { trust } from "./trust.ts";
import { type VaultDouble, vaultDouble } from "./vault-double.ts";

resolveLocalhost();

/** A vault for the tests of one file, which trust it while they run. */
export function theVault(): { readonly vault: VaultDouble } {
  const world = {} as { vault: VaultDouble };
  let distrust = (): void => {};
  beforeAll(async () => {
    world.vault = await vaultDouble();
    distrust = trust(world.vault.ca);
  });
  afterAll(async () => {
    distrust();
    await world.vault.close();
  });
  return world;
}

/** What a read fails with, in the parts that tests look at. */
export async function failing(work: Promise<unknown> | Provider): Promise<Record<string, unknown>> {
  const thrown: unknown = await ("get" in work ? work.get() : work).then(
    () => "no error",
    (error: unknown) => error,
  );
  if (!isAuthError(thrown)) throw thrown;
  const { code, reason, message, retryAfterMs, status } = thrown;
  return { code, reason, message, retryAfterMs, status };
}

export function secretOf(found: Credential): string {
  if (found.type === "access-token") return found.token.reveal();
  if (found.type === "api-key") return found.key.reveal();
  if (found.type === "password") return found.password.reveal();
  if (found.type === "client-secret") return found.clientSecret.reveal();
  if (found.type === "private-key") return found.privateKey.reveal();
  return found.refreshToken.reveal();
}
