import { rename, writeFile } from "node:fs/promises";

/** Whole or not at all, which is what a careful caller of a library without a store of its own would do. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}
