import { fileURLToPath } from "node:url";
import { type IPty, spawn } from "@lydell/node-pty";
import { describe, expect, onTestFinished, test } from "vitest";

const app = fileURLToPath(new URL("programs/app.ts", import.meta.url));
/** As programs ask for a PIN: at the terminal itself, whatever their standard streams are. */
const asks = 'printf "PIN: " >/dev/tty; read -r pin </dev/tty; echo "t0ken-$pin"';
const line = 'printf "PIN: " >&2; read -r pin; echo "t0ken-$pin"';

function start(
  way: string,
  script: string,
): { terminal: IPty; ended: Promise<number>; shows: (text: string) => Promise<string> } {
  const args = ["--conditions=src", "--no-warnings", app, way, "/bin/sh", "-c", script];
  const terminal = spawn(process.execPath, args, { cols: 120, rows: 30 });
  onTestFinished(() => terminal.kill("SIGKILL"));
  const watchers = new Set<() => void>();
  let screen = "";
  terminal.onData((data) => {
    screen += data;
    for (const watch of watchers) watch();
  });
  const ended = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => resolve(signal || exitCode));
  });
  const shows = (text: string): Promise<string> =>
    new Promise((resolve) => {
      const watch = (): void => void (screen.includes(text) && resolve(screen));
      watchers.add(watch);
      watch();
    });
  return { terminal, ended, shows };
}

describe.skipIf(process.platform === "win32")("at a terminal", () => {
  test.each([
    ["the terminal itself", asks],
    ["standard error and input", line],
  ])("an interactive command asks through %s", async (_what, script) => {
    const { terminal, ended, shows } = start("interactive", script);
    await shows("PIN: ");
    terminal.write("1234\r");
    await shows("<t0ken-1234>");
    expect(await ended).toBe(0);
  });

  test("Ctrl-C ends it, and the app", async () => {
    const { terminal, ended, shows } = start("interactive", asks);
    await shows("PIN: ");
    terminal.write("\x03");
    expect(await ended).toBe(2); // SIGINT
  });

  test("SEC-108 any other command cannot ask, and is not waited for", async () => {
    const { ended, shows } = start("alone", `(${asks}) 2>/dev/null`);
    expect(await shows("t0ken-")).not.toContain("PIN: ");
    expect(await ended).toBe(0);
  });
});
