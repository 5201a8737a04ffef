import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { newStandaloneSource, vendor } from "../new-source.ts";
import { CommandFailed, run } from "../run.ts";
import type { Registry } from "./registry.ts";

const name = "corporate-vault";

/** Writes what the skeleton asks its author for: the call of the vendor's client. */
export function fillIn(folder: string): void {
  const file = join(folder, `src/read-${name}.ts`);
  const before = readFileSync(file, "utf8");
  const start = before.indexOf("async function ask");
  const end = before.indexOf("\n}\n", start);
  writeFileSync(
    file,
    `${before.slice(0, start)}async function ask(client: CorporateVaultClient, { secret, signal }: Place): Promise<{ text: string; version?: string | undefined }> {
  const { value, version } = await client.getSecret(secret, { signal });
  return { text: value, version };${before.slice(end)}`,
  );
}

/**
 * A plugin author's start, with npm and with pnpm: a new source outside of the repository installs from packed packages, says
 * what is missing, and passes its tests, compiles and builds once that is written.
 */
export async function proveStandaloneSource(folder: string, registry: Registry): Promise<string[]> {
  const template = join(folder, "template");
  mkdirSync(template, { recursive: true });
  newStandaloneSource(name, template, await vendor(template));
  const problems: string[] = [];
  for (const manager of ["npm", "pnpm"]) {
    const home = join(folder, manager);
    const source = join(home, `auth-source-${name}`);
    cpSync(template, source, { recursive: true });
    // Their scripts run with this Node, whatever the system has.
    const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const env = { ...registry.env, HOME: home, PATH };
    const manage = (...args: string[]): Promise<string> => run(manager, args, { cwd: source, env });
    try {
      await manage("install", "--ignore-scripts");
      if (!existsSync(join(source, "node_modules/@auth/core/dist/payload.mjs")))
        problems.push("it has another core than ours");
      const { output } = await manage("test").then(
        () => ({ output: "" }),
        (error: unknown) => {
          if (error instanceof CommandFailed) return error;
          throw error;
        },
      );
      if (!output.includes(`Write \`ask\` in src/read-${name}.ts`))
        problems.push("its tests do not say what is missing");
      fillIn(source);
      await manage("test");
      await manage("run", "typecheck");
      await manage("run", "build");
      const program = `const { scheme } = await import("auth-source-${name}"); console.log(scheme.scheme)`;
      const said = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: source });
      if (said.trim() !== name) problems.push("what it builds exports no scheme");
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      problems.push(error.message);
    }
  }
  return problems.map((problem) => `a source of one's own: ${problem}`);
}
