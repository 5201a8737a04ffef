import { AuthError } from "@auth/core";
import { type BaseIssue, type GenericSchema, getDotPath, safeParse } from "valibot";
import { clean } from "../text.ts";
import type { Config, Profile } from "./config.ts";
import { wrongOrigins } from "./origins.ts";
import { foreignScheme, isKnown, packageName } from "./reference.ts";
import { configSchema, profileName } from "./schema.ts";

const expectedBy: ReadonlyMap<unknown, string> = new Map([
  [profileName, "is not a name: use up to 64 letters, digits, dots, dashes and underscores"],
  [foreignScheme, "is not a scheme of another package: use up to 32 small letters, digits and dashes"],
  [packageName, "must be the name of a package, like auth-source-vault"],
]);

/**
 * Checks foreign data. Errors: `ERR_AUTH_INVALID/config` naming every key that is wrong, and no value: it may be a secret.
 * `called`: what people call a key; default: itself, in quotes.
 */
export function validate<T>(
  schema: GenericSchema<unknown, T>,
  value: unknown,
  where: string,
  called: (key: string) => string = (key) => `"${key}"`,
): T {
  const result = safeParse(schema, value);
  if (result.success) return result.output;
  throw wrong(
    where,
    result.issues.map((issue) => problemOf(issue, called)),
  );
}

/** The configuration, with references that somebody reads and origins that a token may go to. Errors as above. */
export function validateConfig(value: unknown, where: string): Config {
  const config = validate(configSchema, value, where);
  const problems = Object.entries(config.profiles).flatMap(([name, profile]) => [
    ...unknownReferences(profile, config.sources).map((key) => `"profiles.${name}.${key}" ${noReference}`),
    ...wrongOrigins(profile).map(({ key, problem }) => `"profiles.${name}.${key}" ${problem}`),
  ]);
  if (problems.length > 0) throw wrong(where, problems);
  return config;
}

/** The keys of a profile whose references nobody reads. */
export function unknownReferences({ credentials, grant }: Profile, sources: Config["sources"]): string[] {
  const all = [credentials ?? []].flat();
  const keys = all.flatMap((each, at) =>
    isKnown(each, sources) ? [] : [Array.isArray(credentials) ? `credentials.${at}` : "credentials"],
  );
  const secret = "clientSecret" in grant ? grant.clientSecret : undefined;
  return secret === undefined || isKnown(secret, sources) ? keys : [...keys, "grant.clientSecret"];
}

export const noReference =
  'must name a secret, like env:ACME_TOKEN, file:/run/secrets/acme, keychain://acme/alice or prompt:Token, or begin with a scheme of your "sources"; what is there is not shown';

function wrong(where: string, problems: readonly string[]): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "config", `${where}: ${problems.join("; ")}.`);
}

function problemOf(issue: BaseIssue<unknown>, called: (key: string) => string): string {
  // Of several shapes, the one that was meant is the one that says more.
  if (issue.type === "union")
    for (const inner of issue.issues ?? [])
      if (inner.type === "regex") return problemOf({ ...inner, path: issue.path }, called);
  const key = called(clean(getDotPath(issue) ?? "the file").slice(0, 200));
  const expected = issue.expected ?? "";
  switch (issue.type) {
    case "strict_object":
      if (expected === "never") return `unknown key ${key}`;
      return expected === "Object" ? `${key} must be an object` : `${key} is missing`;
    case "regex":
      return `${key} ${expectedBy.get(issue.requirement) ?? noReference}`;
    case "variant":
    case "picklist":
      return `${key} must be one of ${expected.replace(/[()]/g, "").replaceAll(" | ", ", ")}`;
    case "min_length":
    case "non_empty":
      return `${key} must not be empty`;
    default:
      return `${key} must be ${expected.replace(/[()]/g, "").replaceAll(" | ", " or ").toLowerCase()}`;
  }
}
