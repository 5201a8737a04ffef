import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import type { Part } from "./part.ts";
import type { Registry } from "./registry.ts";

/** The page that a plugin author follows. */
const page = readFileSync(join(root, "docs/writing-a-source.md"), "utf8");
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, of, text = ""]) =>
    of === language ? [text] : [],
  );

/** Writes what the skeleton asks its author for, as the page has it: the call of the vendor's client. */
export function fillIn(folder: string, name: string): void {
  const file = join(folder, `src/read-${name}.ts`);
  const written = blocks("ts").find((block) => block.startsWith("async function ask")) ?? "";
  const before = readFileSync(file, "utf8");
  const start = before.indexOf("async function ask");
  const end = before.indexOf("\n}\n", start) + 3;
  const client = /_?client: (\w+Client)/.exec(before.slice(start))?.[1] ?? "";
  writeFileSync(file, before.slice(0, start) + written.replaceAll("VaultClient", client) + before.slice(end));
}

/** What a command wrote, whether it succeeded or not. */
const outputOf = (running: Promise<string>): Promise<string> =>
  running.catch((error: unknown) => {
    if (error instanceof CommandFailed) return error.output;
    throw error;
  });

/**
 * A plugin author's start, by the page that they follow, with npm and with pnpm: a new source outside of the repository installs
 * from packed packages, says what is missing, and passes its tests, compiles and builds once that is written.
 */
export async function proveStandaloneSource(folder: string, registry: Registry): Promise<Part> {
  const problems: string[] = [];
  for (const manager of ["npm", "pnpm"]) {
    const home = join(folder, manager);
    const source = join(home, "auth-source-vault");
    mkdirSync(home, { recursive: true });
    // Their scripts run with this Node, whatever the system has.
    const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const env = { ...registry.env, PATH };
    const shell = (commands: string, cwd: string): Promise<string> =>
      run("sh", ["-ec", commands.replaceAll("~", home).replaceAll(/^npm /gm, `${manager} `)], {
        cwd,
        env,
        timeoutMs: 600_000,
      });
    try {
      const [start = "", ...others] = blocks("sh");
      const said = await outputOf(shell(start, root));
      if (!said.includes("Write `ask` in src/read-vault.ts"))
        problems.push(`its tests do not say what is missing:\n${said.slice(-2_000)}`);
      if (!existsSync(join(source, "node_modules/@auth/core/dist/payload.mjs")))
        problems.push("it has another core than ours");
      for (const block of others) await shell(block, source);
      fillIn(source, "vault");
      await shell("npm test\nnpm run typecheck\nnpm run build", source);
      const program = 'const { scheme } = await import("auth-source-vault"); console.log(scheme.scheme)';
      const built = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: source });
      if (built.trim() !== "vault") problems.push("what it builds exports no scheme");
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      problems.push(error.message);
    }
  }
  return { problems: problems.map((problem) => `a source of one's own: ${problem}`) };
}
