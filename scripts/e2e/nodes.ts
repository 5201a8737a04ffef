import { CommandFailed, run } from "../run.ts";

/** The newest release that we look at; the oldest is what a package's `engines` says, and ours is the repository's. */
export const newest = "26.10.0";

export interface Node {
  version: string;
  /** The program; absent where it cannot be had. */
  path?: string;
}

/** The Nodes that a package says it runs on: its oldest, the repository's own, and the newest. */
export const versionsFor = (engines: string | undefined): string[] => [
  ...new Set([engines?.match(/\d+\.\d+/)?.[0].concat(".0") ?? newest, process.versions.node, newest]),
];

const found = new Map<string, Promise<Node>>();

/** A Node of exactly this version, from the registry that npm is set to. */
export function node(version: string): Promise<Node> {
  const known = found.get(version) ?? fetchNode(version);
  found.set(version, known);
  return known;
}

async function fetchNode(version: string): Promise<Node> {
  if (version === process.versions.node) return { version, path: process.execPath };
  try {
    const args = [
      "-y",
      "-p",
      `node@${version}`,
      "--",
      "node",
      "-p",
      "process.version + ' ' + process.execPath",
    ];
    const [, actual, path] = /^v(\S+) (.+)$/m.exec(await run("npx", args)) ?? [];
    return actual === version && path ? { version, path } : { version };
  } catch (error) {
    if (error instanceof CommandFailed) return { version };
    throw error;
  }
}
