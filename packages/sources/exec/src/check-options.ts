import type { CommandOptions } from "./from-command.ts";
import { isWhole } from "./is-whole.ts";
import { type OutputRules, partners } from "./parse-output.ts";
import type { RunProgramOptions } from "./run-program.ts";
import { exitMeanings } from "./to-auth-error.ts";

type Given = CommandOptions & OutputRules & { readonly format?: unknown; readonly request?: unknown };

/** Refuses options that cannot be meant, before anything is run. */
export function checkOptions(options: Given): void {
  checkProgram(options, "fromCommand");
  const { exitCodes = {}, ttlMs, name, format, request } = options;
  if (!isObject(exitCodes)) throw wrong("`exitCodes` maps exit codes to what they mean");
  for (const [exitCode, meaning] of Object.entries(exitCodes))
    if (!/^[1-9]\d{0,9}$/.test(exitCode) || !exitMeanings.includes(meaning))
      throw wrong(`\`exitCodes\` maps exit codes above 0 to one of ${exitMeanings.join(", ")}`);
  if (ttlMs !== undefined && !(typeof ttlMs === "number" && ttlMs >= 0))
    throw wrong("`ttlMs` is a time in ms, or 0");
  if (name !== undefined && !(typeof name === "string" && /^[^\p{C}]{1,200}$/u.test(name)))
    throw wrong("`name` is one printable line");

  if (format !== undefined) {
    if (!isObject(format) || typeof format["ask"] !== "function" || typeof format["read"] !== "function")
      throw wrong("`format` is an object with `ask` and `read`, such as those of @auth/helpers");
    for (const name of ["field", "fields", "bare", "username", "clientId"] as const)
      if (options[name] !== undefined) throw wrong(`\`${name}\` does not go with \`format\``);
  } else if (request !== undefined) throw wrong("`request` goes with a `format`");
  else checkOutput(options);
}

/** The part that is about the program alone. */
export function checkProgram(options: RunProgramOptions, who: string): void {
  const wrong = (problem: string): TypeError => new TypeError(`${who}: ${problem}`);
  if (!isObject(options))
    throw wrong("give options with a `command`, a list: the program, then its arguments");
  const { command, cwd, env = {}, passEnv = [], stdin, clock } = options;
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
  const variables = isObject(env) && Array.isArray(passEnv);
  const named = variables ? [...Object.entries(env), ...passEnv.map((name) => [name, ""] as const)] : [];
  if (!variables || !named.every(([name, value]) => isText(name) && /^[^=]+$/.test(name) && isText(value)))
    throw wrong("`env` maps names of variables to texts, and `passEnv` is a list of such names");
  for (const limit of ["timeoutMs", "maxBytes", "maxStderrBytes"] as const) {
    const value = options[limit];
    if (value !== undefined && !(typeof value === "number" && value > 0))
      throw wrong(`\`${limit}\` is a number above 0`);
  }
  if (stdin !== undefined && typeof stdin !== "string") throw wrong("`stdin` is a text");
  if (clock !== undefined && !(isObject(clock) && typeof clock.sleep === "function"))
    throw wrong("`clock` is a Clock, such as `systemClock` of @auth/core");
}

function checkOutput({ field, fields, bare = "token", ...parts }: OutputRules): void {
  if (field !== undefined && typeof field !== "string") throw wrong("`field` is a key or a JSON Pointer");
  if (fields !== undefined && !isObject(fields)) throw wrong("`fields` maps our fields to the output's own");
  if (field !== undefined && fields) throw wrong("give `field` or `fields`, not both");
  if (!["token", "apiKey", "refreshToken", ...Object.keys(partners)].includes(bare))
    throw wrong("`bare` is one of token, apiKey, refreshToken, password, clientSecret");
  const partner = bare in partners ? partners[bare as keyof typeof partners] : undefined;
  const beside = partner && parts[partner];
  if (partner && !(typeof beside === "string" && beside.trim()))
    throw wrong(`bare: "${bare}" needs \`${partner}\``);
  if (partner && (field !== undefined || fields))
    throw wrong(`bare: "${bare}" takes the whole output as text, without \`field\` and \`fields\``);
  for (const name of Object.values(partners))
    if (parts[name] !== undefined && name !== partner)
      throw wrong(`\`${name}\` does not go with bare: "${bare}"`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && !value.includes("\0");
const wrong = (problem: string): TypeError => new TypeError(`fromCommand: ${problem}`);
