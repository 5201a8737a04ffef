import type { CommandOptions } from "./from-command.ts";
import { isWhole } from "./is-whole.ts";
import { type OutputRules, partners } from "./parse-output.ts";
import { exitMeanings } from "./to-auth-error.ts";

type Given = CommandOptions & OutputRules & { readonly format?: unknown; readonly request?: unknown };

/** Refuses options that cannot be meant, before anything is run. */
export function checkOptions(options: Given): void {
  const { command, cwd, env = {}, passEnv = [], exitCodes = {}, format, request } = options;
  if (!Array.isArray(command) || command.length === 0 || !command.every(isText))
    throw wrong("`command` is a list: the program, then its arguments, each a string. There is no shell");
  const [program = ""] = command;
  if (!isWhole(program) && /[\\/]/.test(program))
    throw wrong(
      "the program is a whole path, or a bare name that is found on PATH; a relative path is neither",
    );
  if (program.trim() === "" || /^\.+$/.test(program)) throw wrong("`command` begins with a program");
  // Windows hands these to a shell, and with them whatever the arguments hold. It drops dots and spaces at their end.
  if (/\.(?:bat|cmd)[. ]*$/i.test(program))
    throw wrong("a .bat or .cmd file needs a shell, and is not run. Name the program behind it");

  if (cwd !== undefined && !(isText(cwd) && isWhole(cwd))) throw wrong("`cwd` is a whole path");
  for (const [name, value] of [...Object.entries(env), ...passEnv.map((name) => [name, ""] as const)])
    if (!isText(name) || !/^[^=]+$/.test(name) || !isText(value))
      throw wrong("`env` maps names of variables to texts, and `passEnv` is a list of such names");
  for (const [exitCode, meaning] of Object.entries(exitCodes))
    if (!/^[1-9]\d{0,9}$/.test(exitCode) || !exitMeanings.includes(meaning))
      throw wrong(`\`exitCodes\` maps exit codes above 0 to one of ${exitMeanings.join(", ")}`);
  for (const limit of ["timeoutMs", "maxBytes", "maxStderrBytes"] as const)
    if (options[limit] !== undefined && !(options[limit] > 0))
      throw wrong(`\`${limit}\` is a number above 0`);
  if (options.ttlMs !== undefined && !(options.ttlMs >= 0)) throw wrong("`ttlMs` is a time in ms, or 0");
  if (options.name !== undefined && !/^[^\p{C}]{1,200}$/u.test(options.name))
    throw wrong("`name` is one printable line");

  if (format !== undefined) {
    for (const name of ["field", "fields", "bare", "username", "clientId"] as const)
      if (options[name] !== undefined) throw wrong(`\`${name}\` does not go with \`format\``);
  } else if (request !== undefined) throw wrong("`request` goes with a `format`");
  else checkOutput(options);
}

function checkOutput({ field, fields, bare = "token", ...parts }: OutputRules): void {
  if (field !== undefined && fields) throw wrong("give `field` or `fields`, not both");
  if (!["token", "apiKey", "refreshToken", ...Object.keys(partners)].includes(bare))
    throw wrong("`bare` is one of token, apiKey, refreshToken, password, clientSecret");
  const partner = bare in partners ? partners[bare as keyof typeof partners] : undefined;
  if (partner && !parts[partner]?.trim()) throw wrong(`bare: "${bare}" needs \`${partner}\``);
  if (partner && (field !== undefined || fields))
    throw wrong(`bare: "${bare}" takes the whole output as text, without \`field\` and \`fields\``);
  for (const name of Object.values(partners))
    if (parts[name] !== undefined && name !== partner)
      throw wrong(`\`${name}\` does not go with bare: "${bare}"`);
}

const isText = (value: unknown): value is string => typeof value === "string" && !value.includes("\0");
const wrong = (problem: string): TypeError => new TypeError(`fromCommand: ${problem}`);
