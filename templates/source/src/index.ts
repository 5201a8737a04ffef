export { type FromThingOptions, fromThing } from "./from-thing.ts";
export type { ThingClient } from "./read-thing.ts";
export { scheme } from "./scheme.ts";
