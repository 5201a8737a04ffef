import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessToken, encodeRecord, Secret } from "@auth/core";
import { onTestFinished } from "vitest";

export interface Home {
  readonly home: string;
  readonly path: string;
  readonly put: (name: string, text: string) => void;
}

/** A home directory, with the folder of the command-line client. */
export function household(): Home {
  const home = mkdtempSync(join(tmpdir(), "yamcs-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, ".config", "yamcs-cli");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    home,
    path: join(folder, "credentials"),
    put: (name, text) => writeFileSync(join(folder, name), text, { mode: 0o600 }),
  };
}

/** A login as core keeps it. */
export const record = (
  access = "access",
  refresh = "refresh",
  expiresAt = new Date("2026-11-22T03:04:05.678Z"),
): string =>
  encodeRecord({
    partition: "yamcs url=https%3A%2F%2Fyamcs.example&account=admin",
    tokens: { accessToken: new AccessToken(access, { expiresAt }), refreshToken: new Secret(refresh) },
  });
