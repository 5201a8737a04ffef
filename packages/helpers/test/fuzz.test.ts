import { AuthError } from "@auth/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, context, formatOf, formats, golden } from "./golden.ts";

const MiB = 1_048_576;
const names = Object.keys(formats) as (keyof typeof formats)[];

/** A request that each format takes. */
const requestOf = (name: keyof typeof formats): unknown =>
  golden.flatMap(([, cases]) => cases).find(({ format }) => format === name)?.request;

function attempt(name: keyof typeof formats, stdout: Uint8Array, exitCode = 0): unknown {
  try {
    return formatOf(name).read({ exitCode, stdout }, requestOf(name), context);
  } catch (error) {
    return error;
  }
}

/** A golden answer with a part cut out and something else put in its place. */
const bent = fc
  .tuple(
    fc.constantFrom(...golden.flatMap(([, cases]) => cases)),
    fc.nat(),
    fc.nat(40),
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom('"', "{", "}", "\n", "=", "\0", "\r", "null", "1e999", "\\u0000"),
    ),
  )
  .map(([each, at, length, text]) => {
    const bytes = Buffer.from(bytesOf(each));
    const start = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(start + length)]);
  });

const answers = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  bent,
  fc.json().map((text) => Buffer.from(text)),
);

test.each(names)("SEC-7 SEC-13 %s: no answer makes it crash, and none gives half a credential", (name) => {
  fc.assert(
    fc.property(answers, fc.constantFrom(0, 0, 0, 1, 128), (stdout, exitCode) => {
      const outcome = attempt(name, stdout, exitCode);
      if (outcome instanceof AuthError) return;
      expect(outcome).toMatchObject({ type: expect.any(String), source: "test" });
      expect(Object.isFrozen(outcome)).toBe(true);
      for (const part of Object.values(outcome as object)) expect(part).not.toBe("");
      expect(Object.prototype).not.toHaveProperty("polluted");
    }),
    { numRuns: 2_000 },
  );
});

test.each(names)("%s: no request that is taken can add a line or lose its meaning", (name) => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom("a\nhost=b", "a\rb", "a\0b", "", "a b"),
  );
  const request = fc.record(
    { host: text, protocol: text, path: text, username: text, server: text, uri: text },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(request, (request) => {
      try {
        const { stdin = "" } = formatOf(name).ask(request);
        const lines = stdin.split("\n");
        // Four lines at most, and the two that end the block.
        expect(lines.length).toBeLessThanOrEqual(name.startsWith("git") ? 7 : 1);
        expect(stdin).not.toMatch(/[\0\r]/);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }),
    { numRuns: 1_000 },
  );
});

/** Answers of a MiB, made to trip a parser up. */
const heavy: Readonly<Record<string, string>> = {
  nothing: "\0".repeat(MiB),
  spaces: " ".repeat(MiB),
  "line breaks": "\n".repeat(MiB),
  "carriage returns": "\r".repeat(MiB),
  "equals signs": "=".repeat(MiB),
  "short lines": "a=\n".repeat(MiB / 3),
  "many keys": Array.from({ length: MiB / 16 }, (_, i) => `k${i}=v`)
    .join("\n")
    .slice(0, MiB),
  "many list values": "capability[]=a\n".repeat(MiB / 15),
  "a long line": `password=${"x".repeat(MiB - 9)}`,
  "open brackets": "[".repeat(MiB),
  "nested objects": '{"a":'.repeat(MiB / 5),
  quotes: '"'.repeat(MiB),
  "a long token": `{"Version":1,"AccessKeyId":"${"A".repeat(MiB - 100)}","SecretAccessKey":"a"}`,
  "a long date": `{"headers":{"Authorization":["Bearer a"]},"expires":"${"1".repeat(MiB - 100)}"}`,
  "many headers": `{"headers":{"A":[${'"b",'.repeat(MiB / 5)}"c"]}}`,
  "a long Basic": `{"headers":{"Authorization":["Basic ${"A".repeat(MiB - 100)}"]}}`,
  "a header of spaces": `{"headers":{"A":["b${" ".repeat(MiB - 100)}\u0001"]}}`,
  "a long server": `{"ServerURL":"${"/".repeat(MiB - 100)}","Username":"a","Secret":"b"}`,
  "a certificate of spaces": `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientCertificateData":"a","clientKeyData":"b${" ".repeat(MiB - 300)}c"}}`,
};

/** CPU time in ms: what the work costs, whatever else this machine does. A slow run gets another chance. */
function cost(work: () => unknown, enough: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && best > enough; run++) {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

// The limit of SEC-7, and more on a machine where the engine's own parser is slow. The square of a MiB takes minutes.
const keys = JSON.stringify(Object.fromEntries(Array.from({ length: MiB / 12 }, (_, i) => [`k${i}`, 1])));
const limitMs = Math.max(100, 5 * cost(() => JSON.parse(keys), 20));

test.each(names)("SEC-7 %s takes linear time over a MiB of anything", (name) => {
  for (const [kind, text] of Object.entries(heavy)) {
    const bytes = Buffer.from(text).subarray(0, MiB);
    expect(
      cost(() => attempt(name, bytes), limitMs),
      kind,
    ).toBeLessThan(limitMs);
    // After a failure, docker's and git's answers are looked at too.
    if (/docker|git/.test(name))
      expect(
        cost(() => attempt(name, bytes, 1), limitMs),
        `${kind}, exit code 1`,
      ).toBeLessThan(limitMs);
  }
  const refused = attempt(name, Buffer.alloc(MiB + 1, "a"));
  expect(refused).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "too-large" });
});
