import { formatItem, type Item, type Parts, toAscii } from "./store-item.ts";

/** One change of one item: `text` is put there; without one, the item is deleted. */
export interface Step {
  readonly account: string;
  readonly text?: string;
}

export interface Place {
  readonly service: string;
  readonly account: string;
  /** Longest text of one item, in UTF-16 units. */
  readonly maxLength: number;
}

/** Room beside a value for the note of what is about to be written. */
const reserve = 120;

/** The item of one part. The mark is random, so a part is never written over. */
export function partName(account: string, generation: string, index: number): string {
  return `${account} #${generation}.${index}`;
}

/**
 * The changes that put `value` in the place of `present`, each of which leaves the old or the new value readable. The first step
 * notes what is coming, so that whoever comes after a crash knows what to clear away; the step that counts is the one that
 * writes the login's own item again.
 */
export function stepsToWrite(
  place: Place,
  present: Item | undefined,
  value: string,
  generation: string,
): Step[] {
  const { service, account, maxLength } = place;
  const owner = [service, account] as const;
  const { leftovers = [], generation: old, parts } = present ?? {};
  const obsolete: Parts[] = [...leftovers, ...(parts && old !== undefined ? [[old, parts] as const] : [])];
  const item = (content: Partial<Item>, left: readonly Parts[]): Step => ({
    account,
    text: formatItem({ schema: 1, owner, ...content, ...(left.length > 0 && { leftovers: left }) }),
  });

  const whole = item({ generation, value }, obsolete);
  if ((whole.text as string).length <= maxLength - reserve) {
    if (obsolete.length === 0) return [whole];
    return [whole, ...clearing(account, obsolete), item({ generation, value }, [])];
  }
  const pieces = split(value, maxLength);
  const coming: Parts = [generation, pieces.length];
  const kept: Partial<Item> = present ? contentOf(present) : {};
  return [
    ...clearing(account, leftovers),
    item(kept, [coming]),
    ...pieces.map((text, index) => ({ account: partName(account, generation, index), text })),
    item({ generation, parts: pieces.length }, parts && old !== undefined ? [[old, parts]] : []),
    ...(parts && old !== undefined
      ? [...clearing(account, [[old, parts]]), item({ generation, parts: pieces.length }, [])]
      : []),
  ];
}

/** The changes that delete a login. Its own item goes last: it knows of the others. */
export function stepsToDelete(
  { service, account }: Place,
  { generation, parts, leftovers = [] }: Item,
): Step[] {
  const obsolete: Parts[] = [
    ...leftovers,
    ...(parts && generation !== undefined ? [[generation, parts] as const] : []),
  ];
  if (obsolete.length === 0) return [{ account }];
  const nobody: Item = { schema: 1, owner: [service, account], leftovers: obsolete };
  return [{ account, text: formatItem(nobody) }, ...clearing(account, obsolete), { account }];
}

function contentOf({ generation, value, parts }: Item): Partial<Item> {
  return {
    ...(generation !== undefined && { generation }),
    ...(value !== undefined && { value }),
    ...(parts !== undefined && { parts }),
  };
}

function clearing(account: string, obsolete: readonly Parts[]): Step[] {
  return obsolete.flatMap(([generation, count]) =>
    Array.from({ length: count }, (_, index) => ({ account: partName(account, generation, index) })),
  );
}

/** Pieces of JSON text in ASCII; an escape may be cut in two, since they are put together before they are read. */
function split(value: string, length: number): string[] {
  const text = toAscii(JSON.stringify(value));
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );
}
