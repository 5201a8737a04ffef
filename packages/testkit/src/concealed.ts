import { AssertionError } from "node:assert/strict";
import { viewsOf } from "./views-of.ts";

/** The texts behind every `reveal()` in `thing`. */
export function secretsOf(thing: unknown): string[] {
  if (typeof thing !== "object" || thing === null) return [];
  const { reveal } = thing as { reveal?: unknown };
  if (typeof reveal === "function") return [String(Reflect.apply(reveal, thing, []))];
  return Object.values(thing).flatMap(secretsOf);
}

/**
 * Throws if one of `secrets` can be seen in `things`: as it is, URL-encoded or in base64. For secrets that are no canaries;
 * shorter ones than eight characters are left out, since they are in anything.
 */
export function assertConcealed(secrets: readonly string[], ...things: readonly unknown[]): void {
  const forms = secrets
    .filter((secret) => secret.length >= 8)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64url"),
    ]);
  for (const thing of things)
    for (const { how, text } of viewsOf(thing))
      if (forms.some((form) => text.includes(form)))
        throw new AssertionError({
          message: `A secret can be seen in ${how}`,
          stackStartFn: assertConcealed,
        });
}
