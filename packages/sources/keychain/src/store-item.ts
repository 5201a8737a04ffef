import { AuthError } from "@auth/core";
import { parseJson } from "@auth/core/payload";

/** A text that takes several items: its mark, and how many. */
export type Parts = readonly [generation: string, count: number];

/**
 * What the item of a login holds. Without `value` and `parts`, nobody is logged in, and the item is there for what is still to be
 * cleared away.
 */
export interface Item {
  readonly schema: 1;
  /** Whose it is. Windows joins names with a dot, so that two may share an item. */
  readonly owner: readonly [service: string, account: string];
  readonly generation?: string;
  readonly value?: string;
  /** How many items hold the value; their names have the generation. */
  readonly parts?: number;
  /** Parts that are not in use: of a write that may not have come to its end, or of what it has replaced. */
  readonly leftovers?: readonly Parts[];
}

/** Plain ASCII, so that it is as long in every encoding, and no system cuts or changes it. */
export function formatItem(item: Item): string {
  return toAscii(JSON.stringify(item));
}

export function toAscii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Reads what {@link formatItem} wrote. `undefined`: it is no item of ours. Errors: `INVALID/store-version`, `/store-corrupted`; nothing of
 * the text is quoted.
 */
export function parseItem(text: string, store: string): Item | undefined {
  let item: Record<string, unknown>;
  try {
    item = Object(parseJson(text)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { schema, owner, generation, value, parts, leftovers = [] } = item;
  if (!Array.isArray(owner) || typeof schema !== "number") return undefined;
  if (schema > 1) {
    const problem = `${store}: the login was kept by a newer version (schema ${schema}). Update.`;
    throw new AuthError("ERR_AUTH_INVALID", "store-version", problem, { provider: store });
  }
  const whole = [value, parts].filter((each) => each !== undefined).length;
  const good =
    schema === 1 &&
    owner.length === 2 &&
    (whole === 0 || (whole === 1 && typeof generation === "string")) &&
    (value === undefined || typeof value === "string") &&
    (parts === undefined || isCount(parts)) &&
    Array.isArray(leftovers) &&
    leftovers.length <= 8 && // crashes leave two at most
    leftovers.every((each) => Array.isArray(each) && typeof each[0] === "string" && isCount(each[1]));
  if (good) return item as unknown as Item;
  const problem = `${store}: what is kept there is no login. Log in again.`;
  throw new AuthError("ERR_AUTH_INVALID", "store-corrupted", problem, { provider: store });
}

/** A million parts would be no login but an attempt to keep us busy. */
function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= 2_048;
}
