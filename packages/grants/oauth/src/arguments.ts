/** Words for what JavaScript lets through. Each throws a `TypeError` that names grant and option, and quotes nothing. */
export function checkGiven(grant: string, options: unknown): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`${grant}: give it options, in an object, like { issuer: "https://idp.example" }`);
}

/** Those of `names` that are given must be of this type. */
export function checkTypes<O extends object>(
  grant: string,
  options: O,
  type: "string" | "boolean" | "object",
  ...names: readonly (keyof O & string)[]
): void {
  for (const name of names) {
    const value = options[name];
    if (value === undefined) continue;
    if (typeof value !== type || value === null || (type === "object" && Array.isArray(value)))
      throw new TypeError(`${grant}: ${name} must be ${kinds[type]}`);
  }
}

const kinds = { string: "a text", boolean: "true or false", object: "an object" } as const;

/** A list of texts, or with `single` one text. */
export function checkTexts(grant: string, name: string, value: unknown, single = false): void {
  if (value === undefined || (single && typeof value === "string")) return;
  if (!Array.isArray(value) || value.some((each) => typeof each !== "string"))
    throw new TypeError(`${grant}: ${name} must be ${single ? "a text or " : ""}a list of texts`);
}

export function checkChoice(grant: string, name: string, value: unknown, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value as string))
    throw new TypeError(`${grant}: ${name} is one of ${choices.join(", ")}`);
}
