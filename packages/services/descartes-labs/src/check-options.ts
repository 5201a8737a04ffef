/** For callers without types. Throws `TypeError`. */
export function checkOptions(who: string, options: unknown): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${who}: expected options in an object, or nothing`);
}
