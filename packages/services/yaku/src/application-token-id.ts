/**
 * The number of a long-running application token, told by its shape: `yakp_aa_`, ten digits, 30 lower-case hex digits.
 * `undefined`: it is none.
 *
 * @example
 * ```ts
 * applicationTokenId("yakp_aa_0000000035_5d347a238ac2f4140eca9256465f1a"); // 35
 * ```
 */
export function applicationTokenId(text: string): number | undefined {
  return Number(/^yakp_aa_(\d{10})_[\da-f]{30}$/.exec(text)?.[1]) || undefined;
}

/** Meant to be one, well-formed or not: never to be renewed. */
export function isApplicationToken(text: string): boolean {
  return text.startsWith("yakp_");
}
