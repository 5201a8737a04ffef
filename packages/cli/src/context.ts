import { homedir } from "node:os";
import { sep } from "node:path";
import type { AuthEvent } from "@auth/core";
import { homeDirectory } from "@auth/core/home";
import { type Choice, chooseProfile } from "./config/choose-profile.ts";
import type { Surroundings } from "./config/paths.ts";
import { loadUserConfig, type UserConfig } from "./config/user-config.ts";
import type { Interruption } from "./interruption.ts";
import { type Output, type Style, styleOf } from "./paint.ts";
import type { OpenOptions, OpenProfile } from "./profile.ts";
import { clean, cleaned, wrap } from "./text.ts";

/** Everything a command may touch. */
export interface Io {
  /** What follows the command's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Nothing: it was deleted. */
  readonly cwd: string | undefined;
  /** Absolute. Default: what the environment or the system says, asked only where it is needed. */
  readonly home?: string;
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

  /** What people should know although nothing failed; beside JSON, it is JSON as errors are. */
  warn(text: string): void {
    if (this.options.json) this.say(JSON.stringify({ warning: { message: clean(text) } }));
    else this.say(`${this.err.warn("auth:")} ${wrap(clean(text), this.err.columns, 6)}`);
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
    if (!isTerminal) return text;
    try {
      return text.replaceAll(`${this.around.home()}${sep}`, `~${sep}`);
    } catch {
      return text; // whoever has no home has no short name for it
    }
  }

  /** Where files are looked for. A home is absolute, or there is none (SEC-119). */
  get around(): Surroundings {
    const { env, platform, cwd, home } = this.io;
    const said = home === undefined ? env : { HOME: home, USERPROFILE: home };
    return {
      env,
      platform,
      cwd,
      home: () => homeDirectory("your configuration", { env: said, platform, fallback: homedir }),
    };
  }

  config(): Promise<UserConfig> {
    return loadUserConfig(this.options.config, this.around);
  }

  async choose(named?: string): Promise<Choice> {
    const { env, cwd } = this.io;
    const tell = (text: string): void => this.warn(text);
    return chooseProfile(await this.config(), named ?? this.options.profile, { env, cwd, tell });
  }

  /** The packages behind a profile are loaded here, and not for `auth --help`. */
  async open({ name, profile }: Choice, options: OpenOptions = {}): Promise<OpenProfile> {
    const { openProfile } = await import("./profile.ts");
    if (!options.asks) this.profile = name;
    const { commands, sources } = (await this.config()).config;
    const open = await openProfile(name, profile, {
      declared: { ...(commands && { commands }), ...(sources && { sources }) },
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

  #hear({ type, auth, reason, action, message, durationMs }: AuthEvent): void {
    if (type === "warning") this.warn(warnings[reason ?? ""] ?? message);
    else if (this.options.verbose) {
      // Of a read, the words say which source had it, and which ones were passed over.
      const what = type === "read" ? message : `${auth} ${type}`;
      const how = [
        ...(type === "read" ? [] : [action, reason]),
        durationMs !== undefined && `${Math.round(durationMs)} ms`,
      ];
      const details = how.filter(Boolean).join(", ");
      this.say(this.err.dim(clean(`auth: ${what}${details && ` (${details})`}`)));
    }
  }
}

const warnings: Readonly<Record<string, string>> = {
  "password-grant":
    "the password grant shows your password to this program; use another grant if the server has one",
  "insecure-transport": "this server is spoken to over http: anybody on the way can read along",
  "expires-in-unreadable": "the server says when the token expires in a way nobody can read",
};
