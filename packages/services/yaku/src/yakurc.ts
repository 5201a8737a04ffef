import { join } from "node:path";
import { AuthError } from "@auth/core";
import { homeDirectory } from "@auth/core/home";
import type { ForeignFile, ForeignFileOptions } from "@auth/token-file/foreign";
import { foreignFile, readForeignFile } from "@auth/token-file/foreign";
import { openApi, type YakuOptions } from "./api-url.ts";
import { parseEnvironments } from "./environments.ts";
import { yakurcFormat } from "./yakurc-format.ts";

export interface YakurcOptions
  extends Omit<ForeignFileOptions, "path" | "format" | "name" | "cache" | "whose">,
    Pick<YakuOptions, "url" | "allowInsecureOrigins"> {
  /** The file. Default `$HOME/.yakurc`, or `$HOME/` and what `RUNTIME_CONFIG` says. */
  readonly path?: string | undefined;
}

/**
 * A store in the file of Yaku's command line: what either logs in, the other uses. The `name` of the `Auth` is that of the
 * environment. A login selects it, and keeps its namespace; a logout takes the tokens out and leaves the rest.
 *
 * Errors: those of `foreignFile`; `ERR_AUTH_UNAVAILABLE/no-home`; `ERR_AUTH_INVALID/no-environment` if the `Auth` has no name.
 * `TypeError` for wrong options.
 *
 * @example
 * ```ts
 * const url = "https://yaku.example";
 * const auth = createAuth({ grant: deviceLogin({ url }), store: yakurc({ url }), name: "default" });
 * ```
 */
export function yakurc(settings: YakurcOptions): ForeignFile {
  const format = yakurcFormat(openApi(settings).url);
  const { url: _, allowInsecureOrigins: __, path, ...options } = settings;
  const place = (key: string): string => {
    if (!key.startsWith("yaku url=")) return path ?? defaultPath();
    const text = "yakurc: which environment? Give createAuth its `name`.";
    throw new AuthError("ERR_AUTH_INVALID", "no-environment", text, { provider: "yakurc" });
  };
  return foreignFile({ ...options, path: place, name: "yakurc", format });
}

/** An environment of `.yakurc`, without its tokens. */
export interface Environment {
  readonly name: string;
  readonly url: string | undefined;
  /** The number of the namespace that is selected in it. */
  readonly namespace: number | undefined;
  readonly current: boolean;
}

/**
 * The environments that Yaku's command line knows, to choose from; no file, none. Errors: those of `readForeignFile`,
 * `ERR_AUTH_UNAVAILABLE/no-home`.
 *
 * @example
 * ```ts
 * const current = (await environments()).find((each) => each.current);
 * ```
 */
export async function environments(path?: string): Promise<readonly Environment[]> {
  const parse = (text: string): Environment[] =>
    parseEnvironments(text)
      .filter((entry) => entry !== null)
      .map(({ name, url, namespace, current = false }) => ({ name, url, namespace, current }));
  return (await readForeignFile({ path: path ?? defaultPath(), name: "yakurc", parse })) ?? [];
}

const defaultPath = (): string => join(homeDirectory("yakurc"), process.env["RUNTIME_CONFIG"] || ".yakurc");
