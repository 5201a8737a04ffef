import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder that only this user can open; it is gone at the end, however that comes. */
export interface PrivateFolder extends Disposable {
  readonly path: string;
  at(name: string): string;
  /** A JSON file that only this user can read; its path. */
  write(name: string, content: object): string;
}

export function privateFolder(): PrivateFolder {
  const path = mkdtempSync(join(tmpdir(), "auth-demo-"));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  process.on("exit", remove);
  const at = (name: string): string => join(path, name);
  return {
    path,
    at,
    write(name, content) {
      writeFileSync(at(name), JSON.stringify(content), { mode: 0o600 });
      return at(name);
    },
    [Symbol.dispose]() {
      process.off("exit", remove);
      remove();
    },
  };
}
