import { AccessToken, AuthError, decodeRecord, encodeRecord, toAuthError } from "@auth/core";
import { parseJson, parsePayload } from "@auth/core/payload";
import { createResolver, parseReference } from "@auth/core/resolver";
import { expect, test } from "vitest";

const MiB = 1_048_576;

/** Texts of a MiB, made to trip a JSON parser up. */
const json: Record<string, string> = {
  "one long string": JSON.stringify("x".repeat(MiB)),
  "escaped quotes": `"${'\\"'.repeat(MiB / 2)}"`,
  quotes: '"'.repeat(MiB),
  "open brackets": "[".repeat(MiB),
  "balanced brackets": "[".repeat(MiB / 2) + "]".repeat(MiB / 2),
  "many keys": `{${Array.from({ length: MiB / 12 }, (_, i) => `"k${i}":1`).join()}}`,
  "many strings": `[${'"a" ,'.repeat(MiB / 5)}1]`,
  "spaces after a string": `["a"${" ".repeat(MiB)}]`,
  "spaces after a key": `{"a"${" ".repeat(MiB)}:1}`,
};

/** The same for a reference, whose length is limited, and for a token. */
const others: Record<string, string> = {
  slashes: `a:${"/".repeat(MiB)}`,
  "dot segments": `a:b${"/.".repeat(MiB / 2)}`,
  percents: `a:${"%".repeat(MiB)}`,
  ampersands: `a:b?${"&".repeat(MiB)}`,
  "spaces and one bad letter": `${" ".repeat(MiB)}é`,
};

type Parse = (text: string) => unknown;
const parsers: Record<string, readonly [parse: Parse, texts: Record<string, string>]> = {
  parseJson: [parseJson, json],
  parsePayload: [(text) => parsePayload(text, { source: "test" }), { ...json, ...others }],
  decodeRecord: [decodeRecord, json],
  parseReference: [parseReference, others],
  "parseReference of its longest": [(text) => parseReference(text.slice(0, 4_096)), others],
  resolve: [createResolver([]), others],
  AccessToken: [(text) => new AccessToken(text), others],
  "an AuthError's cause": [
    (text) => toAuthError(Object.assign(new Error(text), { code: text, name: text }), "test"),
    others,
  ],
};

function attempt(parse: Parse, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    return error;
  }
}

/** CPU time in ms: what the work costs, whatever else this machine does. A slow run gets another chance. */
function cost(parse: Parse, text: string, enough: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && best > enough; run++) {
    const before = process.threadCpuUsage();
    attempt(parse, text);
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

// The limit of SEC-7, and more on a machine where the engine's own parser is slow. The square of a MiB takes minutes.
const limitMs = Math.max(100, 5 * cost(JSON.parse, json["many keys"] ?? "", 20));

test.each(Object.keys(parsers))(
  "SEC-7 %s takes linear time over a MiB of anything, and fails with our errors only",
  (name) => {
    const [parse, texts] = parsers[name] ?? [];
    for (const [kind, text] of Object.entries(texts ?? {})) {
      expect(cost(parse as Parse, text, limitMs), kind).toBeLessThan(limitMs);
      const outcome = attempt(parse as Parse, text.slice(0, 65_536));
      const ours =
        !(outcome instanceof Error) || outcome instanceof AuthError || outcome instanceof SyntaxError;
      expect(ours, `${kind}: ${String(outcome)}`).toBe(true);
    }
  },
);

test("SEC-7 a record of one MiB goes both ways", () => {
  const accessToken = new AccessToken("x".repeat(65_536), {
    scopes: Array.from({ length: 100_000 }, (_, i) => `s${i}`),
  });
  const text = encodeRecord({ tokens: { accessToken } });
  expect(decodeRecord(text).tokens.accessToken.scopes).toHaveLength(100_000);
});
