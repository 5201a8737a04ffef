import { inspect } from "node:util";
import { isAuthError } from "@auth/core";
import type { Screen } from "./screen.ts";

/** What a measured value must be. */
export interface Demand {
  readonly text: string;
  met(value: number | string): boolean;
}

export const exactly = (wanted: number | string): Demand => ({
  text: `${wanted}`,
  met: (value) => value === wanted,
});
export const atLeast = (least: number): Demand => ({
  text: `at least ${least}`,
  met: (value) => Number(value) >= least,
});
/** At least one, or nothing was tried. */
export const upTo = (most: number): Demand => ({
  text: `1 to ${most}`,
  met: (value) => Number(value) >= 1 && Number(value) <= most,
});

/** An `aside` is checked like the others, and shown only if it is wrong. */
export type Measurement = readonly [what: string, value: number | string, demand: Demand, aside?: "aside"];

/** Keeps what was measured; the demo succeeds if every demand is met. */
export class Ledger {
  readonly #screen: Screen;
  readonly #rows: Measurement[] = [];
  #broken = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  get good(): boolean {
    return !this.#broken && this.#rows.length > 0 && this.#rows.every(met);
  }

  /** Says `text` if all is as it must be; otherwise what is not. */
  record(text: string, measurements: readonly Measurement[]): void {
    this.#rows.push(...measurements);
    const wrong = measurements.filter((row) => !met(row));
    if (wrong.length === 0) this.#screen.verdict(true, text);
    for (const [what, value, { text }] of wrong)
      this.#screen.verdict(false, `${what}: ${value}, and must be ${text}`);
  }

  /** A step broke off. Errors of the library are made to be read; of others the stack is. */
  fail(error: unknown): void {
    this.#broken = true;
    this.#screen.verdict(false, isAuthError(error) ? `${error.code} ${error.message}` : inspect(error));
  }

  /** All of it, as a table. */
  print(): void {
    const rows = this.#rows.filter((row) => !row[3] || !met(row));
    const cells = rows.map(([what, value, { text }]) => [what, `${value}`, text]);
    this.#screen.table([["", "measured", "must be"], ...cells], (at) => {
      const row = rows[at - 1];
      return row ? (met(row) ? undefined : "red") : "dim";
    });
  }
}

function met([, value, demand]: Measurement): boolean {
  return demand.met(value);
}
