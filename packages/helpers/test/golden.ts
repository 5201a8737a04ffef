import { readdirSync, readFileSync } from "node:fs";
import { isAuthError } from "@auth/core";
import type { HelperFormat } from "../src/index.ts";
import * as helpers from "../src/index.ts";

export interface GoldenCase {
  readonly title: string;
  readonly format: keyof typeof formats;
  readonly request?: unknown;
  /** What the helper is told. */
  readonly asks?: unknown;
  readonly exitCode: number;
  readonly stdout: string;
  /** The characters of `stdout` are its bytes. */
  readonly latin1?: true;
  /** What it becomes, secrets revealed and dates as text. */
  readonly reads?: unknown;
  /** Code and reason. */
  readonly fails?: string;
}

const { awsCredentialProcess, bazelHeaders, bazelHelper, dockerHelper } = helpers;
const { gitCredential, gitFill, kubectlCertificate, kubectlExec } = helpers;

export const formats = {
  awsCredentialProcess,
  bazelHeaders,
  bazelHelper,
  dockerHelper,
  gitCredential,
  gitFill,
  kubectlCertificate,
  kubectlExec,
};

export type AnyFormat = HelperFormat<unknown, unknown>;
export const formatOf = (name: keyof typeof formats): AnyFormat => formats[name] as AnyFormat;

/** 2026-01-01, as far as the files are concerned. */
export const context = { source: "test", now: Date.UTC(2026, 0, 1) };

const folder = new URL("golden/", import.meta.url);
export const golden: readonly (readonly [file: string, cases: readonly GoldenCase[]])[] = readdirSync(folder)
  .sort()
  .map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), "utf8")) as GoldenCase[]]);

export const bytesOf = ({ stdout, latin1 }: Pick<GoldenCase, "stdout" | "latin1">): Uint8Array =>
  Buffer.from(stdout, latin1 ? "latin1" : "utf8");

/** As the golden files write it: `INVALID/half-credential`. */
export function failureOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isAuthError(error) ? `${error.code.replace("ERR_AUTH_", "")}/${error.reason}` : String(error);
  }
  return "no error";
}

/** The value with its secrets revealed and its dates as text. */
export function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return value;
  if ("reveal" in value && typeof value.reveal === "function") return value.reveal();
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
