import { AuthError, type Credential, type Provider } from "@auth/core";
import { formatReference, type Reference, type Scheme } from "@auth/core/resolver";
import { type FromCommandOptions, type FromHelperOptions, fromCommand } from "./from-command.ts";

/** The commands that references may name. */
export type DeclaredCommands = Readonly<
  // A format decides on the type of its request where it is declared; here only what comes out matters.
  // biome-ignore lint/suspicious/noExplicitAny: any request
  Record<string, FromCommandOptions | FromHelperOptions<Credential, any>>
>;

/**
 * `exec:billing-token` is the command that is declared under that name, `exec:billing-token#/token` a part of its JSON. A
 * reference never holds a command line: only code and the user's configuration say what is run.
 *
 * Errors: `INVALID/unknown-command` for a name that is not declared, `/reference` for a reference that says more than that.
 * `TypeError` for a declaration that `fromCommand` would refuse.
 *
 * @example
 * ```ts
 * const commands = declaredCommands({ "billing-token": { command: ["op", "read", "op://Work/billing/token"] } });
 * const credentials = createResolver([commands])("exec:billing-token");
 * ```
 */
export function declaredCommands(commands: DeclaredCommands): Scheme {
  for (const options of Object.values(commands)) provider(options); // options that cannot be meant show up here
  return {
    scheme: "exec",
    package: "@auth/exec",
    parse(reference) {
      const { locator, path, field } = reference;
      if (locator !== undefined)
        throw invalid(reference, "reference", "has more than a name, as in exec:billing-token");
      const declared = Object.hasOwn(commands, path) ? commands[path] : undefined;
      if (!declared) throw unknown(reference, Object.keys(commands));
      const options = { name: path, ...declared };
      if (field === undefined) return provider(options);
      if (options.format || options.field !== undefined || options.fields || options.bare)
        throw invalid(
          reference,
          "reference",
          "asks for a field of a command whose output is declared otherwise",
        );
      return fromCommand({ ...options, field });
    },
    describe: ({ path, field }) =>
      `${field === undefined ? "" : `"${field}" in the output of `}the command "${path}"`,
  };
}

/** `exec:` for a resolver, with no command declared: its error says how to declare one. See {@link declaredCommands}. */
export const scheme: Scheme = declaredCommands({});

const provider = (options: DeclaredCommands[string]): Provider =>
  options.format === undefined ? fromCommand(options as FromCommandOptions) : fromCommand(options);

function unknown(reference: Reference, names: readonly string[]): AuthError {
  const there = names.length > 0 ? `there is ${names.join(", ")}` : "none is";
  return invalid(
    reference,
    "unknown-command",
    `names a command that is not declared; ${there}. Hand declaredCommands({ … }) of @auth/exec to the resolver`,
  );
}

function invalid(reference: Reference, reason: string, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, `${formatReference(reference)} ${problem}.`);
}
