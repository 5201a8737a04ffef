import { AuthError } from "@auth/core";
import { type BaseIssue, type GenericSchema, getDotPath, safeParse } from "valibot";
import { clean } from "../text.ts";
import { profileName } from "./schema.ts";

/** Checks foreign data. Errors: `ERR_AUTH_INVALID/config` naming every key that is wrong, and no value: it may be a secret. */
export function validate<T>(schema: GenericSchema<unknown, T>, value: unknown, where: string): T {
  const result = safeParse(schema, value);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => problemOf(issue));
  throw new AuthError("ERR_AUTH_INVALID", "config", `${where}: ${problems.join("; ")}.`);
}

function problemOf(issue: BaseIssue<unknown>): string {
  // Of several shapes, the one that was meant is the one that says more.
  if (issue.type === "union")
    for (const inner of issue.issues ?? [])
      if (inner.type === "regex") return problemOf({ ...inner, path: issue.path });
  const key = `"${clean(getDotPath(issue) ?? "the file").slice(0, 200)}"`;
  const expected = issue.expected ?? "";
  switch (issue.type) {
    case "strict_object":
      if (expected === "never") return `unknown key ${key}`;
      return expected === "Object" ? `${key} must be an object` : `${key} is missing`;
    case "regex":
      if (issue.requirement !== profileName)
        return `${key} must name a secret, like env:ACME_TOKEN, file:/run/secrets/acme, keychain://acme/alice or prompt:Token; what is there is not shown`;
      return `${key} is not a name: use up to 64 letters, digits, dots, dashes and underscores`;
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
