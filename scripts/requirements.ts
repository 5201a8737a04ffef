import { readFileSync } from "node:fs";
import { join } from "node:path";
import { marked, type Tokens } from "marked";
import { root } from "./packages.ts";

export interface Requirement {
  /** "SEC-70" */
  id: string;
  title: string;
  /** The issue that will prove it, if its part does not exist yet. */
  pending?: string;
}

const id = /SEC-\d+/g;

/** The requirements named in a text, each once. */
export const cited = (text: string): string[] => [...new Set(text.match(id) ?? [])];

/** What a requirements page lists: tables that begin with "Requirement", and one that begins with "Requirements" for what is pending. */
export function parseRequirements(page: string): Requirement[] {
  const tables = marked.lexer(page).filter((token): token is Tokens.Table => token.type === "table");
  const rows = (heading: string): [first: string, second: string][] =>
    tables
      .filter(({ header }) => header[0]?.text === heading)
      .flatMap((each) =>
        each.rows.map(([first, second]) => [first?.text ?? "", second?.text ?? ""] as [string, string]),
      );

  const found = new Map(rows("Requirement").map(([id, title]): [string, Requirement] => [id, { id, title }]));
  for (const [names, issue] of rows("Requirements")) {
    for (const name of cited(names)) {
      const requirement = found.get(name);
      if (!requirement) throw new Error(`${name} is pending, and no requirement`);
      requirement.pending = issue;
    }
  }
  return [...found.values()];
}

export const requirements = (): Requirement[] =>
  parseRequirements(readFileSync(join(root, "docs/security/requirements.md"), "utf8"));
