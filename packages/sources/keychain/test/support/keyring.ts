import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as turn } from "node:timers/promises";

const programs = {
  bus: "dbus-daemon",
  send: "dbus-send",
  daemon: "gnome-keyring-daemon",
  tool: "secret-tool",
} as const;
const missing = Object.values(programs).filter((name) => spawnSync("which", [name]).status !== 0);

/** False where a real keychain cannot be made. With AUTH_IT=require it is never false, so that the tests fail instead of being skipped. */
export const keyringThere: boolean = missing.length === 0 || process.env["AUTH_IT"] === "require";
if (!keyringThere)
  console.warn(
    `SKIPPED: no test ran against a real keychain, as there is no ${missing.join(", ")} (scripts/parts/keychain.sh).`,
  );

const configuration = (folder: string): string => `<!DOCTYPE busconfig PUBLIC
"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=${folder}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
<limit name="max_connections_per_user">100000</limit></busconfig>`;

/** A Secret Service of our own, on a bus of its own that starts nothing by itself. */
export interface Keyring extends AsyncDisposable {
  /** For the processes that are to use it. */
  readonly env: Record<string, string>;
  /** Of its daemon. */
  readonly pid: number;
  lock(): void;
  /** Deletes what has these attributes, if anything has. */
  clear(attributes: readonly string[]): void;
  /** Stops its daemon, lets it go on, or ends it as it stands; then resolves when it is gone. */
  signal(signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<void>;
  /** Starts the daemon again, with what it has on its disk. */
  restart(): Promise<void>;
  /** How many items a service has. */
  count(service: string): number;
  /** Runs one of the system's programs in its session. */
  run(program: string, args: readonly string[], input?: string | Uint8Array): string;
  stop(): Promise<void>;
}

export interface KeyringOptions {
  /** `"locked"`: there, and nobody has given its password. `"absent"`: the bus alone. */
  readonly state?: "unlocked" | "locked" | "absent";
}

export async function startKeyring({ state = "unlocked" }: KeyringOptions = {}): Promise<Keyring> {
  if (missing.length > 0) throw new Error(`run scripts/parts/keychain.sh: there is no ${missing.join(", ")}`);
  const home = mkdtempSync(join(tmpdir(), "auth-keyring-"));
  const folder = join(home, "run");
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(home, "bus.conf"), configuration(folder));
  const bus = spawn(programs.bus, [`--config-file=${home}/bus.conf`, "--nofork", "--print-address=1"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [address] = (await once(createInterface({ input: bus.stdout }), "line")) as [string];
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    XDG_RUNTIME_DIR: folder,
    XDG_DATA_HOME: join(home, "data"),
    DBUS_SESSION_BUS_ADDRESS: address,
  };
  const running: ChildProcess[] = [bus];
  const end = (): void => {
    for (const child of running) child.kill("SIGKILL");
  };
  process.on("exit", end);

  function run(program: string, args: readonly string[], input: string | Uint8Array = ""): string {
    const { status, stdout, stderr } = spawnSync(program, args, {
      env,
      input,
      encoding: "utf8",
      timeout: 20_000,
    });
    if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
    return stdout;
  }
  const dbus = (...args: string[]): string => run(programs.send, ["--session", "--print-reply", ...args]);
  const owned = (): boolean =>
    dbus(
      "--dest=org.freedesktop.DBus",
      "/",
      "org.freedesktop.DBus.NameHasOwner",
      "string:org.freedesktop.secrets",
    ).includes("boolean true");

  let daemon: ChildProcess | undefined;
  async function start(): Promise<void> {
    const args = ["--foreground", "--components=secrets", ...(state === "unlocked" ? ["--unlock"] : [])];
    daemon = spawn(programs.daemon, args, { env, stdio: ["pipe", "ignore", "ignore"] });
    running.push(daemon);
    daemon.stdin?.end(state === "unlocked" ? "password of a test" : "");
    for (let looks = 0; !owned(); looks++) {
      if (looks > 2_000 || daemon.exitCode !== null) throw new Error("the keyring did not come up");
      await turn();
    }
  }
  if (state !== "absent") await start();

  async function stop(): Promise<void> {
    process.off("exit", end);
    end();
    const alive = running.filter((child) => child.exitCode === null && child.signalCode === null);
    await Promise.all(alive.map((child) => once(child, "exit")));
    rmSync(home, { recursive: true, force: true });
  }

  return {
    env,
    get pid() {
      return daemon?.pid ?? 0;
    },
    run,
    clear: (attributes) => void spawnSync(programs.tool, ["clear", ...attributes], { env }),
    count: (service) =>
      run(programs.tool, ["search", "--all", "service", service]).match(/^label = /gm)?.length ?? 0,
    lock: () =>
      void dbus(
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login",
      ),
    async signal(signal) {
      const gone = daemon && signal === "SIGKILL" ? once(daemon, "exit") : undefined;
      daemon?.kill(signal);
      await gone;
    },
    restart: start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
