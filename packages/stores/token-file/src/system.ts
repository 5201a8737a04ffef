import { writeSync } from "node:fs";
import * as fs from "node:fs/promises";
import { type Clock, systemClock } from "@auth/core";
import { identifyProcess, type ProcessIdentity } from "./process-identity.ts";

/** The part of `node:fs/promises` that stores and locks are made of. */
export type Files = Pick<
  typeof fs,
  "open" | "link" | "unlink" | "rename" | "mkdir" | "lstat" | "stat" | "readdir" | "realpath"
>;

/** What the outside world is to this package: handed in, so that a test can make it fail, stop or be another one. */
export interface System {
  readonly fs: Files;
  /** Writes at the beginning of an open file before it returns: no other work of this process gets in between. */
  readonly writeNow: (file: number, bytes: Uint8Array) => void;
  readonly clock: Clock;
  readonly platform: NodeJS.Platform;
  /** The effective user; undefined where there is no such thing. */
  readonly uid: number | undefined;
  readonly self: ProcessIdentity;
}

export function realSystem(clock: Clock = systemClock): System {
  let self: ProcessIdentity | undefined;
  return {
    fs,
    writeNow: (file, bytes) => void writeSync(file, bytes, 0, bytes.length, 0),
    clock,
    platform: process.platform,
    get uid() {
      return process.geteuid?.();
    },
    // Looked up on first use: a factory touches nothing.
    get self() {
      self ??= identifyProcess();
      return self;
    },
  };
}
