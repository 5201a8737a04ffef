import { Argument, type Command, Option } from "commander";
import type { Context } from "./context.ts";
import { milliseconds } from "./when.ts";

/** Adds one command to the command line; what it needs is loaded when it runs. */
export type Define = (parent: Command, context: Context) => void;

export function profileArgument(): Argument {
  return new Argument("[profile]", "which login; default: the one that auth profiles marks");
}

export function minTtlOption(): Option {
  return new Option("--min-ttl <time>", "it must last that long: 90s, 5m, 1h").argParser(milliseconds);
}

export function forceRefreshOption(): Option {
  return new Option("--force-refresh", "a new token, whatever the old one has left");
}
