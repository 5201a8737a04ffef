import type { Scheme } from "@auth/core/resolver";
import type { CommandConfig, Config, Declared } from "./config/config.ts";
import { loadFailure } from "./load-failure.ts";
import { isMissing } from "./optional.ts";
import { sourcePackage } from "./source-package.ts";

/**
 * Each scheme's package is loaded when a profile names it. Those that bring much along are installed beside the command by
 * whoever wants them; without one, the resolver's complaint says what to install.
 */
const packages: Readonly<
  Record<string, readonly [name: string, load: () => Promise<{ readonly scheme: Scheme }>]>
> = {
  env: ["@auth/env", () => import("@auth/env")],
  file: ["@auth/file", () => import("@auth/file")],
  "token-file": ["@auth/token-file", () => import("@auth/token-file")],
  keychain: ["@auth/keychain", () => import("@auth/keychain")],
  "aws-sm": ["@auth/aws-secrets-manager", () => import("@auth/aws-secrets-manager")],
  "azure-kv": ["@auth/azure-key-vault", () => import("@auth/azure-key-vault")],
};

/** The scheme of that name; nothing if there is none, or our package for it is not installed. */
export async function loadScheme(
  scheme: string,
  { commands = {}, sources = {} }: Declared,
): Promise<Scheme | undefined> {
  if (scheme === "exec") return declared(commands);
  const named = Object.hasOwn(sources, scheme) ? sources[scheme] : undefined;
  if (named !== undefined) return sourcePackage(scheme, named);
  const known = Object.hasOwn(packages, scheme) ? packages[scheme] : undefined;
  if (!known) return undefined;
  const [name, load] = known;
  try {
    return (await load()).scheme;
  } catch (error) {
    if (isMissing(error, name)) return undefined;
    throw loadFailure(error, `A reference begins with ${scheme}:, and ${name}`);
  }
}

async function declared(commands: NonNullable<Config["commands"]>): Promise<Scheme> {
  const { declaredCommands } = await import("@auth/exec");
  const entries = Object.entries(commands).map(
    async ([name, command]) => [name, await optionsOf(command)] as const,
  );
  return declaredCommands(Object.fromEntries(await Promise.all(entries)));
}

async function optionsOf({
  format,
  request = {},
  ...options
}: CommandConfig): Promise<Parameters<typeof import("@auth/exec").declaredCommands>[0][string]> {
  if (!format) return options;
  const { dockerHelper, gitCredential, kubectlExec } = await import("@auth/helpers");
  const { host = "", server = "" } = request;
  switch (format) {
    case "git":
      return { ...options, format: gitCredential, request: { ...request, host } };
    case "docker":
      return { ...options, format: dockerHelper, request: { server } };
    case "kubectl":
      return { ...options, format: kubectlExec };
  }
}
