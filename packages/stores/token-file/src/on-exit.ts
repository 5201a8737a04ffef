import { unlinkSync } from "node:fs";

/** What `process.exit()` in the middle of things would leave behind: runs synchronously, and must not throw. */
const undone = new Set<() => void>();

/** Has `undo` done if the process exits before the returned function is called. Holds nothing open (SEC-66). */
export function onExit(undo: { readonly unlink: string } | (() => void)): () => void {
  const work = typeof undo === "function" ? undo : () => unlinkSync(undo.unlink);
  if (undone.size === 0) process.on("exit", undoAll);
  undone.add(work);
  return () => {
    if (undone.delete(work) && undone.size === 0) process.off("exit", undoAll);
  };
}

function undoAll(): void {
  for (const work of undone) {
    try {
      work();
    } catch {
      // It is gone, or whoever comes next cleans up: see sweepTemporaryFiles.
    }
  }
}
