import { deepStrictEqual } from "node:assert/strict";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect, types } from "node:util";

/** One text that comes out of a value, and the way it came. */
export interface View {
  readonly how: string;
  readonly text: string;
}

/**
 * Every text that printing, copying or walking `thing` brings to light. Methods are not called: a secret may come out of
 * `reveal()`. Getters are: a secret must not come out of a property.
 */
export function* viewsOf(thing: unknown): Generator<View> {
  yield* printed(thing);
  yield* walk(thing, "value", new Set());
  let copy: unknown;
  try {
    copy = structuredClone(thing);
  } catch {
    return; // what cannot be copied does not leak that way
  }
  yield* walk(copy, "structuredClone", new Set());
}

function* printed(thing: unknown): Generator<View> {
  for (const showHidden of [false, true]) {
    for (const getters of [false, true]) {
      for (const customInspect of [false, true]) {
        const how = `util.inspect(${JSON.stringify({ showHidden, getters, customInspect })})`;
        yield* attempt(how, () => inspect(thing, { showHidden, getters, customInspect, depth: Infinity }));
      }
    }
  }
  yield* attempt("JSON.stringify", () => JSON.stringify(thing) ?? "");
  yield* attempt("String", () => String(thing));
  yield* attempt("template", () => `${thing as string}`);
  for (const directive of ["%s", "%o", "%O", "%j", "%d"])
    yield* attempt(`format ${directive}`, () => format(directive, thing));
  yield* attempt("console.table", () => table(thing));
  yield* attempt("Object.entries", () => Object.entries(Object(thing)).join("\n"));
  yield* attempt("assertion diff", () => {
    try {
      deepStrictEqual(thing, { other: true });
    } catch (error) {
      return String((error as Error).message);
    }
    return "";
  });
}

function* attempt(how: string, print: () => string): Generator<View> {
  let text: string;
  try {
    text = print();
  } catch {
    return; // what cannot be printed does not leak that way
  }
  yield { how, text };
}

function table(thing: unknown): string {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  new Console({ stdout: stream, stderr: stream }).table(thing);
  return text;
}

/** Own properties of every kind, inherited getters, and what collections, buffers and errors hold, all the way down. */
function* walk(thing: unknown, path: string, seen: Set<unknown>): Generator<View> {
  if (typeof thing === "string") yield { how: path, text: thing };
  if (typeof thing === "symbol") yield { how: path, text: thing.description ?? "" };
  if ((typeof thing !== "object" && typeof thing !== "function") || thing === null || seen.has(thing)) return;
  seen.add(thing);

  if (types.isProxy(thing)) yield* attempt(`${path} (proxy)`, () => inspect(thing, { showProxy: true }));
  if (types.isAnyArrayBuffer(thing) || ArrayBuffer.isView(thing)) {
    yield { how: `${path} (bytes)`, text: bytesOf(thing).toString("latin1") };
    return;
  }
  for (const { key, read } of members(thing)) {
    const name = `${path}.${typeof key === "symbol" ? key.toString() : key}`;
    yield { how: `${name} (its name)`, text: typeof key === "symbol" ? (key.description ?? "") : key };
    let value: unknown;
    try {
      value = read();
    } catch (thrown) {
      value = thrown;
    }
    yield* walk(value, name, seen);
  }
  if (isEntries(thing)) {
    let index = 0;
    for (const entry of thing) yield* walk(entry, `${path}[${index++}]`, seen);
  }
}

function bytesOf(thing: ArrayBufferView | ArrayBufferLike): Buffer {
  if (!ArrayBuffer.isView(thing)) return Buffer.from(thing);
  return Buffer.from(thing.buffer, thing.byteOffset, thing.byteLength);
}

interface Member {
  readonly key: string | symbol;
  readonly read: () => unknown;
}

function* members(thing: object): Generator<Member> {
  for (const key of Reflect.ownKeys(thing)) {
    if (typeof thing === "function" && /^(?:length|prototype|arguments|caller)$/.test(String(key))) continue;
    yield { key, read: () => (thing as Record<string | symbol, unknown>)[key] };
  }
  let ancestor: object | null = Object.getPrototypeOf(thing);
  for (; ancestor && ancestor !== Object.prototype; ancestor = Object.getPrototypeOf(ancestor)) {
    const owner = ancestor;
    for (const key of Reflect.ownKeys(owner))
      if (Object.getOwnPropertyDescriptor(owner, key)?.get)
        yield { key, read: () => Reflect.get(owner, key, thing) };
  }
}

/** Things whose content is not in their properties. */
function isEntries(thing: object): thing is Iterable<unknown> {
  return (
    thing instanceof Map ||
    thing instanceof Set ||
    thing instanceof Headers ||
    thing instanceof URLSearchParams ||
    thing instanceof FormData
  );
}
