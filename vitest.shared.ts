import { fileURLToPath } from "node:url";
import { defineProject, type UserWorkspaceConfig } from "vitest/config";

/**
 * Packages of this repository resolve to their sources, so no test needs a build; all others as Node resolves them. Vite by
 * itself would also take `module`, by which some packages mean a build for bundlers that Node cannot load.
 */
const conditions = ["src", "node"];

const resolveSources: UserWorkspaceConfig = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["src"] } },
};

const examplesNode = fileURLToPath(new URL("scripts/examples-node.ts", import.meta.url));

/** `isolate: false`: for tests that leave nothing behind in their process, so that its start is paid once. */
export function project(name: string, { isolate = true }: { isolate?: boolean } = {}): UserWorkspaceConfig {
  return defineProject({
    ...resolveSources,
    test: {
      name,
      isolate,
      include: ["test/**/*.test.ts"],
      setupFiles: process.env["AUTH_EXAMPLES_NODE"] ? [examplesNode] : [],
      execArgv: ["--conditions=src"],
      // Only ever reached by a test that hangs: a busy machine takes its time, and no test measures it.
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  });
}
