interface Host {
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    getBuiltinModule?<M extends keyof Modules>(name: M): Modules[M] | undefined;
  };
}

interface Modules {
  readonly "node:fs": typeof import("node:fs");
  readonly "node:url": typeof import("node:url");
  readonly "node:util": typeof import("node:util");
}

/** Not every runtime has one, and some have one without an environment. */
export const environment = (): Readonly<Record<string, string | undefined>> =>
  (globalThis as Host).process?.env ?? {};

/**
 * A module of Node's; `undefined` in a runtime without it, such as a worker at the edge. It is asked for and not imported:
 * bundles for such runtimes hold this package whole, and an import could not be resolved there.
 */
export const builtin = <M extends keyof Modules>(name: M): Modules[M] | undefined =>
  (globalThis as Host).process?.getBuiltinModule?.(name);
