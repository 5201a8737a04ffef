import system from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";

/**
 * When a blow falls, relative to a step: `during` is just after the call was made, while the system is at work on it.
 * `undefined` for all steps: never.
 */
export interface Blow {
  /** Counts from 1. */
  readonly at: number;
  readonly moment: "before" | "during" | "after";
  readonly signal: "SIGKILL" | "SIGSTOP";
}

/** What a transaction came to, step by step. */
export interface Steps {
  /** In the order in which they began: `open`, `file.write`, `writeSync`, `rename`, `fetch`, `http.write`, `http.data`, `redis.write`, … */
  readonly names: readonly string[];
  /** From the last bytes of an answer that came in until it is in the store, or noted: the window that no client can close. */
  readonly windowMs: number | undefined;
}

/** To a Redis: the other sockets go to the server of the tokens. */
const pipes = new WeakSet<object>();

type Method = (this: unknown, ...args: unknown[]) => unknown;

let names: string[] | undefined;
let blow: Blow | undefined;
let answeredAt: number | undefined;
let windowMs: number | undefined;

/** From now on steps are counted, and at one of them this very process strikes itself down. */
export function countSteps(next: Blow | undefined): void {
  names = [];
  blow = next;
  answeredAt = windowMs = undefined;
}

/** The answer survives the end of this process. */
export function saved(): void {
  if (answeredAt !== undefined) windowMs ??= performance.now() - answeredAt;
}

export function stepsSoFar(): Steps {
  return { names: names ?? [], windowMs };
}

function wrap(owner: object, method: string, label: string): void {
  const real = Reflect.get(owner, method) as Method;
  const stepping: Method = function (...args) {
    if (label === "http.connect" && leadsToPipe(args)) pipes.add(this as object);
    const piped = pipes.has(this as object);
    if (!names) return Reflect.apply(real, this, args);
    const step = names.push(piped ? label.replace("http", "redis") : label);
    const strike = (moment: Blow["moment"]): void => {
      if (blow?.at === step && blow.moment === moment) process.kill(process.pid, blow.signal);
    };
    if (label === "http.data" && !piped) answeredAt = performance.now();
    strike("before");
    const result = Reflect.apply(real, this, args);
    strike("during");
    if (!(result instanceof Promise)) {
      if (label === "writeSync") saved();
      strike("after");
      return result;
    }
    return result.then(
      (value: unknown) => {
        if (label === "rename") saved();
        strike("after");
        return label === "open" ? wrapHandle(value as object) : value;
      },
      (error: unknown) => {
        strike("after");
        throw error;
      },
    );
  };
  Object.defineProperty(owner, method, { value: stepping, configurable: true, writable: true });
}

/** `net` may have put its arguments into a list already. */
function leadsToPipe(args: readonly unknown[]): boolean {
  return typeof Object(args.flat()[0]).path === "string";
}

/** On each handle, since some of its methods are no part of its prototype. */
function wrapHandle(handle: object): object {
  for (const method of [
    "read",
    "readFile",
    "write",
    "writeFile",
    "stat",
    "sync",
    "truncate",
    "utimes",
    "close",
  ])
    wrap(handle, method, `file.${method}`);
  return handle;
}

for (const method of ["open", "link", "unlink", "rename", "mkdir", "lstat", "stat", "readdir"])
  wrap(files, method, method);
wrap(system, "writeSync", "writeSync");
syncBuiltinESMExports();
wrap(globalThis, "fetch", "fetch");
// What `fetch` is made of inside Node, and what a client of Redis is: the connection, what leaves, and what arrives.
wrap(Socket.prototype, "connect", "http.connect");
wrap(Socket.prototype, "write", "http.write");
wrap(Socket.prototype, "push", "http.data");
