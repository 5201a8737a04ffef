import { AccessToken, decodeRecord, encodeRecord, Secret, type TokenRecord } from "@auth/core";
import { createForeignFile, type ForeignFile, type ForeignFileOptions } from "../../src/foreign-file.ts";
import type { ForeignFormat } from "../../src/foreign-layout.ts";
import { realSystem, type System } from "../../src/system.ts";

interface Environment {
  readonly name: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly expiresAt?: number;
}

const list = (text: string | undefined): Environment[] => {
  const found: unknown = text === undefined ? [] : JSON.parse(text);
  if (!Array.isArray(found)) throw new Error(`no list: ${text}`);
  return found;
};

/** Several environments in one list, as some command-line programs keep them. */
export const environments: ForeignFormat = {
  parse(text, key) {
    const found = list(text).find(({ name }) => name === key);
    if (found?.accessToken === undefined) return undefined;
    const { accessToken, refreshToken, expiresAt } = found;
    return {
      tokens: {
        accessToken: new AccessToken(accessToken, {
          ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt * 1000) }),
        }),
        ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
      },
    };
  },
  format(text, key, record) {
    const before = list(text);
    const old = before.find(({ name }) => name === key);
    if (!record)
      return JSON.stringify(
        before.filter((each) => each !== old),
        null,
        2,
      );
    const { accessToken, refreshToken } = record.tokens;
    const entry = {
      ...old,
      name: key,
      accessToken: accessToken.reveal(),
      refreshToken: refreshToken?.reveal(),
      ...(accessToken.expiresAt && { expiresAt: accessToken.expiresAt.getTime() / 1000 }),
    };
    return JSON.stringify(
      old ? before.map((each) => (each === old ? entry : each)) : [...before, entry],
      null,
      2,
    );
  },
  keys: (text) => list(text).map(({ name }) => name),
};

/** One login, which is the file: without it, the file goes. */
export const single: ForeignFormat = {
  parse: (text) => environments.parse(`[{"name":"",${text.trim().slice(1)}]`, ""),
  format(text, _key, record) {
    if (!record) return undefined;
    const { accessToken, refreshToken } = record.tokens;
    return JSON.stringify({
      ...(text !== undefined && (JSON.parse(text) as object)),
      accessToken: accessToken.reveal(),
      refreshToken: refreshToken?.reveal(),
    });
  },
};

/** A record that holds `text`, whatever it is. */
export function recordOf(text: string, access = "access"): string {
  return encodeRecord({
    tokens: { accessToken: new AccessToken(access), refreshToken: new Secret(`r${text}`) },
  });
}

export const textOf = (value: string): string =>
  decodeRecord(value).tokens.refreshToken?.reveal().slice(1) ?? "";

export const tokensOf = (value: string | undefined): TokenRecord["tokens"] =>
  decodeRecord(value ?? "").tokens;

export function foreignOn(
  path: string,
  parts: Partial<System> = {},
  options: Partial<ForeignFileOptions> = {},
): ForeignFile {
  return createForeignFile({ ...realSystem(), ...parts }, { path, format: environments, ...options });
}
