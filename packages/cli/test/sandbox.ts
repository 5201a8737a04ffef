import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { spawn as spawnInTerminal } from "@lydell/node-pty";
import { onTestFinished, vi } from "vitest";
import type { Config, Profile } from "../src/config/config.ts";

// A whole process for each command, on a machine that has more to do.
vi.setConfig({ testTimeout: 60_000 });

/**
 * What Node runs: our sources, or the program that `AUTH_COMMAND` names, as it was installed. `pnpm e2e` gives it what it has
 * unpacked from the tarball, so that the same tests hold for what people get.
 */
const program: readonly string[] = process.env["AUTH_COMMAND"]
  ? [process.env["AUTH_COMMAND"]]
  : ["--conditions=src", "--no-warnings", fileURLToPath(new URL("../src/bin.ts", import.meta.url))];

/** Notes what was typed and how it ended, for whoever asks whether everything was. */
function note(args: readonly string[], code: number): void {
  const file = process.env["AUTH_COMMAND_RUNS"];
  if (file) appendFileSync(file, `${JSON.stringify({ args, code })}\n`);
}

/** Not to compile a hundred files anew for each process. */
const compiled = fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Seen {
  readonly code: number;
  /** Every byte that the terminal got. */
  readonly raw: string;
  /** The same without colors and cursor movements. */
  readonly screen: string;
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** `null`: it stays open, for the test to write to. */
  readonly stdin?: string | null;
  /** Of the terminal. Default 80 × 40. */
  readonly size?: { readonly cols: number; readonly rows: number };
}

/** A home of its own, in which the real command runs in processes of its own. */
export interface Sandbox {
  readonly home: string;
  readonly configPath: string;
  readonly tokensPath: string;
  readonly configure: (profiles: Readonly<Record<string, Profile>>, more?: Partial<Config>) => void;
  readonly write: (path: string, content: string, mode?: number) => string;
  /** A `PATH` on which `auth` is the command. */
  readonly path: () => string;
  readonly start: (args: readonly string[], around?: Surroundings) => ChildProcess;
  readonly run: (args: readonly string[], around?: Surroundings) => Promise<Ran>;
  /** In a terminal: waits for each text, then types, or sends SIGTERM. */
  readonly inTerminal: (
    args: readonly string[],
    steps?: readonly (readonly [text: string, keys: string])[],
    around?: Surroundings,
  ) => Promise<Seen>;
}

export function sandbox(): Sandbox {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "auth-cli-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const configPath = join(home, "config.json");
  const tokensPath = join(home, "state", "auth", "tokens.json");
  const node = [...program];
  const envOf = ({ env }: Surroundings): Record<string, string> => ({
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    TZ: "UTC",
    NODE_COMPILE_CACHE: compiled,
    XDG_STATE_HOME: join(home, "state"),
    AUTH_CONFIG: configPath,
    ...env,
  });

  const write = (path: string, content: string, mode = 0o600): string => {
    const full = join(home, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content, { mode });
    return full;
  };
  const start = (args: readonly string[], around: Surroundings = {}): ChildProcess => {
    const child = spawn(process.execPath, [...node, ...args], {
      cwd: around.cwd ?? home,
      env: envOf(around),
    });
    child.on("close", (code) => note(args, code ?? -1));
    child.stdin.on("error", () => {}); // it may end without having read everything
    if (around.stdin !== null) child.stdin.end(around.stdin ?? "");
    return child;
  };

  return {
    home,
    configPath,
    tokensPath,
    configure: (profiles, more) => void write("config.json", JSON.stringify({ ...more, profiles })),
    write,
    path: () => {
      const words = [process.execPath, ...program].map((word) => `"${word}"`).join(" ");
      const auth = write("bin/auth", `#!/bin/sh\nexec ${words} "$@"\n`);
      chmodSync(auth, 0o755);
      return `${dirname(auth)}:${process.env["PATH"]}`;
    },
    start,
    run: (args, around) => ended(start(args, around)),
    inTerminal: (args, steps = [], around = {}) =>
      new Promise((resolve) => {
        const terminal = spawnInTerminal(process.execPath, [...node, ...args], {
          ...(around.size ?? { cols: 80, rows: 40 }),
          cwd: around.cwd ?? home,
          env: { ...envOf(around), TERM: "xterm-256color" },
        });
        let raw = "";
        let from = 0;
        const left = [...steps];
        terminal.onData((data) => {
          raw += data;
          const screen = plain(raw);
          for (let [next] = left; next; [next] = left) {
            const at = screen.indexOf(next[0], from);
            if (at < 0) return;
            from = at + next[0].length;
            left.shift();
            if (next[1] === "SIGTERM") terminal.kill("SIGTERM");
            else terminal.write(next[1]);
          }
        });
        terminal.onExit(({ exitCode: code }) => {
          note(args, code);
          resolve({ code, raw, screen: plain(raw) });
        });
      }),
  };
}

export async function ended(child: ChildProcess): Promise<Ran> {
  const { stdout, stderr } = child;
  const exit = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  if (!stdout || !stderr) throw new TypeError("a child without pipes");
  const [out, err, code] = await Promise.all([text(stdout), text(stderr), exit]);
  return { code, stdout: out, stderr: err };
}

function plain(raw: string): string {
  return stripVTControlCharacters(raw).replaceAll("\r\n", "\n");
}
