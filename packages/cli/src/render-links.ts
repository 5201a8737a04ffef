import type { Explanation, ServerAnswer } from "@auth/core";
import type { Style } from "./paint.ts";
import { saidBelow, saidOnce } from "./said-once.ts";
import { table, wrap } from "./text.ts";
import { isMiss } from "./verdict.ts";

const words: Readonly<Record<(Explanation | ServerAnswer)["outcome"], string>> = {
  found: "found",
  answered: "answered with a token",
  "not-asked": "not asked",
  ERR_AUTH_NOT_FOUND: "not found",
  ERR_AUTH_UNAVAILABLE: "not available",
  ERR_AUTH_INVALID: "unusable",
  ERR_AUTH_DENIED: "denied",
  ERR_AUTH_UNREACHABLE: "unreachable",
  ERR_AUTH_GRANT: "refused",
  ERR_AUTH_INTERACTION_REQUIRED: "login needed",
  ERR_AUTH_EXHAUSTED: "nothing found",
};

/** One line for each source, and under it why it has nothing; a chain's own links are indented under it. */
export function renderLinks(links: readonly Explanation[], style: Style, indent = "  "): string {
  const lines = table(
    links.map((link) => {
      const { outcome, provider, durationMs, winner } = link;
      const paint = outcome === "found" ? style.good : isMiss(link) ? style.dim : style.bad;
      const time = outcome === "not-asked" ? "" : style.dim(`${durationMs} ms`);
      return [indent + provider, paint(words[outcome]), time, winner ? style.good("← used") : ""];
    }),
  ).split("\n");
  return links.map((link, at) => `${lines[at]}\n${details(link, style, `${indent}  `)}`).join("");
}

function details({ outcome, message, provider, links }: Explanation, style: Style, indent: string): string {
  const why = outcome === "not-asked" ? "only auth login asks you" : message && saidBelow(provider, message);
  const text = why && outcome !== "found" ? wrap(why, style.columns, indent.length) : "";
  const lines = text && `${indent}${text.split("\n").map(style.dim).join("\n")}\n`;
  return lines + (links ? renderLinks(links, style, indent) : "");
}

/** What the server said, like a source. */
export function renderServer(server: string, answer: ServerAnswer, style: Style): string {
  const { outcome, message = "", durationMs } = answer;
  if (outcome === "not-asked") return `  ${wrap(message, style.columns, 2)}\n`;
  const paint = outcome === "answered" ? style.good : style.bad;
  const row = table([[`  ${server}`, paint(words[outcome]), style.dim(`${durationMs} ms`)]]);
  if (outcome === "answered") return row;
  // Grants are named after their server.
  const [, why = message] = message.split(`${server}: `, 2);
  return `${row}    ${wrap(saidOnce(why), style.columns, 4).split("\n").map(style.dim).join("\n")}\n`;
}
