/** The two functions of a test framework that the suites need: those of vitest, node:test, jest or bun. */
export interface TestFramework {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly test: {
    (title: string, body: () => Promise<void>): unknown;
    readonly skip: (title: string, body: () => Promise<void>) => unknown;
  };
}

/** One promise of a contract. */
export interface Case<Id extends string> {
  readonly id: Id;
  readonly title: string;
  /** Absent: the author gave nothing to run it with; then only a reason lets it pass. */
  readonly run: (() => Promise<void>) | undefined;
  /** What the author would have to give: `arrange.denied`. */
  readonly needs?: string | undefined;
}

/**
 * Registers `cases`. One that the author leaves out is shown as skipped with its reason; one that cannot run and has no
 * reason fails.
 */
export function defineSuite<Id extends string>(
  { describe, test }: TestFramework,
  title: string,
  cases: readonly Case<Id>[],
  skip: { readonly [id in Id]?: string } = {},
): void {
  const reasons = new Map(Object.entries<string | undefined>(skip));
  for (const [id, reason] of reasons) {
    if (!cases.some((each) => each.id === id)) {
      const known = [...new Set(cases.map((each) => each.id))].join(", ");
      throw new TypeError(`${title}: there is no case "${id}" to skip. The cases are: ${known}`);
    }
    if (!reason?.trim()) throw new TypeError(`${title}: skip.${id} needs a reason, in words`);
  }
  describe(title, () => {
    for (const { id, title: what, run, needs } of cases) {
      const reason = reasons.get(id);
      if (reason !== undefined) test.skip(`${what} (skipped: ${reason})`, run ?? (async () => {}));
      else test(what, run ?? (() => Promise.reject(notGiven(id, needs))));
    }
  });
}

function notGiven(id: string, needs = id): Error {
  return new Error(`Nothing is given to run this with. Give ${needs}, or say why not: skip: { ${id}: "…" }`);
}
