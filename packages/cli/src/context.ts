import { sep } from "node:path";
import type { AuthEvent } from "@auth/core";
import { type Choice, chooseProfile } from "./config/choose-profile.ts";
import { loadUserConfig, type UserConfig } from "./config/user-config.ts";
import type { Interruption } from "./interruption.ts";
import { type Output, type Style, styleOf } from "./paint.ts";
import type { OpenOptions, OpenProfile } from "./profile.ts";
import { clean, cleaned } from "./text.ts";

/** Everything a command may touch. */
export interface Io {
  /** What follows the command's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Ends the wait: SIGINT, SIGTERM. */
  readonly interruption?: Interruption;
}

export interface GlobalOptions {
  readonly profile?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly debug?: boolean;
}

/** One run of the command. */
export class Context {
  readonly io: Io;
  /** What stands after `--`. */
  readonly rest: readonly string[];
  options: GlobalOptions = {};
  exitCode = 0;
  /** Whose login might be what a failure lacks. */
  profile?: string;
  #out = "";
  #progress = "";

  constructor(io: Io, rest: readonly string[]) {
    this.io = io;
    this.rest = rest;
  }

  get out(): Style {
    return styleOf(this.io.stdout, this.io.env);
  }

  get err(): Style {
    return styleOf(this.io.stderr, this.io.env);
  }

  /** Signal of this run, as options of a call. */
  get until(): { readonly signal?: AbortSignal } {
    const { interruption } = this.io;
    return interruption ? { signal: interruption.signal } : {};
  }

  /** For standard output: kept until the command has succeeded, so that a failure leaves it empty (SEC-124). */
  print(text: string): void {
    this.#out += text;
  }

  json(value: unknown): void {
    this.print(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  flush(): void {
    if (this.#out !== "") this.io.stdout.write(this.#out);
    this.#out = "";
  }

  /** For standard error, at once. */
  say(text: string): void {
    const under = this.#progress;
    this.progress("");
    this.io.stderr.write(`${this.#short(text, this.err)}\n`);
    this.progress(under);
  }

  /** A last line on standard error that changes, on terminals only. Empty: it goes away. */
  progress(text: string): void {
    if (text === this.#progress || !this.err.isTerminal || this.io.env["TERM"] === "dumb") return;
    this.#progress = text;
    this.io.stderr.write(`\r\u001b[K${text}`);
  }

  /** Data for standard output: cleaned (SEC-123), and for people with `~` instead of their home directory. */
  shown<T>(value: T): T {
    return cleaned(value, this.options.json ? undefined : (text) => this.#short(text, this.out));
  }

  #short(text: string, { isTerminal }: Style): string {
    return isTerminal ? text.replaceAll(`${this.io.home}${sep}`, `~${sep}`) : text;
  }

  config(): Promise<UserConfig> {
    return loadUserConfig(this.options.config, this.io);
  }

  async choose(named?: string): Promise<Choice> {
    return chooseProfile(await this.config(), named ?? this.options.profile, this.io);
  }

  /** The packages behind a profile are loaded here, and not for `auth --help`. */
  async open({ name, profile }: Choice, options: OpenOptions = {}): Promise<OpenProfile> {
    const { openProfile } = await import("./profile.ts");
    if (!options.asks) this.profile = name;
    const { commands } = (await this.config()).config;
    const open = await openProfile(name, profile, {
      ...(commands && { commands }),
      onEvent: (event) => this.#hear(event),
      tell: (text) => this.say(this.err.warn(text)),
      ...options,
    });
    return { ...open, [Symbol.asyncDispose]: () => this.#saved(open) };
  }

  /** For work that does not take a signal. */
  unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.until;
    if (!signal) return work;
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(signal.reason);
      if (signal.aborted) leave();
      signal.addEventListener("abort", leave, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }

  /** Waits for what was sent to be saved; after an interruption, 5 s at most (SEC-66). */
  async #saved(open: OpenProfile): Promise<void> {
    const { signal } = this.until;
    const saved = open[Symbol.asyncDispose]();
    if (!signal) return saved;
    const impatient = new Promise<void>((resolve) => {
      const wait = (): void => void setTimeout(resolve, 5_000).unref();
      if (signal.aborted) wait();
      else signal.addEventListener("abort", wait, { once: true });
    });
    await Promise.race([saved, impatient]);
  }

  #hear({ type, auth, reason, action, durationMs }: AuthEvent): void {
    const { dim, warn } = this.err;
    if (type === "warning") {
      this.say(`${warn("auth:")} ${clean(warnings[reason ?? ""] ?? `warning: ${reason}`)}`);
    } else if (this.options.verbose) {
      const how = [action, reason, durationMs === undefined ? undefined : `${Math.round(durationMs)} ms`];
      const details = how.filter(Boolean).join(", ");
      this.say(dim(`auth: ${auth} ${type}${details && ` (${details})`}`));
    }
  }
}

const warnings: Readonly<Record<string, string>> = {
  "password-grant":
    "the password grant shows your password to this program; use another grant if the server has one",
  "insecure-transport": "this server is spoken to over http: anybody on the way can read along",
  "expires-in-unreadable": "the server says when the token expires in a way nobody can read",
};
