import { describe, expect, test } from "vitest";
import { runVectors, type Scenario, type VectorFile } from "../src/index.ts";
import { outcomes } from "./collect.ts";

const record = { access: "at-1", refresh: "rt-1" };
const login = { do: "get", result: "at-1", sent: ["exchange pw"], stored: record, next: "use" };

/** A file with one scenario, as JSON brings it. */
const file = (steps: readonly unknown[], more: Partial<Scenario> = {}): VectorFile =>
  ({ subject: "tokens", scenarios: [{ name: "a story", rule: "none", steps, ...more }] }) as VectorFile;

async function run(vectors: VectorFile): Promise<{ title: string; message: string | undefined }> {
  const [only] = await outcomes((framework) => runVectors({ ...framework, vectors: [vectors] }));
  const { title = "", error } = only ?? {};
  return { title, message: error instanceof Error ? error.message : undefined };
}

test("what is as expected passes", async () => {
  const steps = [
    login,
    { do: "advance", ms: 3_600_000, next: "refresh" },
    { do: "answer", answers: [{ held: true }] },
    { do: "get", as: "a", callers: 3, result: "waits", sent: ["refresh rt-1"], read: ["plain"] },
    { do: "release", settled: { a: "at-2" }, stored: { access: "at-2", refresh: "rt-2" } },
    { do: "peek", result: "at-2" },
  ];
  expect((await run(file(steps))).message).toBeUndefined();
});

describe("a wrong expectation fails, and the message names scenario and step", () => {
  const late = [login, { do: "advance", ms: 3_600_000 }];
  test.each<[string, readonly unknown[], RegExp]>([
    ["result", [{ ...login, result: "at-2" }], /step 1 \(get\)\n {2}result: expected "at-2", got "at-1"/],
    [
      "no result",
      [{ ...login, result: undefined }],
      /result: expected "\(the step does not say\)", got "at-1"/,
    ],
    ["a result that should wait", [{ ...login, result: "waits", as: "a" }], /expected "waits", got "at-1"/],
    ["an error", [{ do: "source", gone: true }, login], /step 2 .*got "NOT_FOUND\/not-set"/s],
    ["peek", [login, { do: "peek", result: null }], /step 2 \(peek\)\n {2}result: expected null, got "at-1"/],
    [
      "requests",
      [{ ...login, sent: ["refresh rt-1"] }],
      /sent: expected \["refresh rt-1"\], got \["exchange pw"\]/,
    ],
    ["an unmentioned request", [{ ...login, sent: undefined }], /sent: expected \[\], got \["exchange pw"\]/],
    [
      "stored text",
      [{ ...login, stored: { ...record, refresh: "rt-2" } }],
      /stored: expected .*"rt-2".*got .*"rt-1"/,
    ],
    [
      "stored instant",
      [{ ...login, stored: { ...record, expiresAt: 1 } }],
      /"expiresAt":1.*"expiresAt":3600000/,
    ],
    ["nothing stored", [{ ...login, stored: null }], /stored: expected null, got \{/],
    [
      "an unmentioned change of the store",
      [{ ...login, stored: undefined }],
      /stored, which should not change: expected null/,
    ],
    ["next", [{ ...login, next: "refresh" }], /next: expected "refresh", got "use"/],
    ["read", [{ ...login, read: ["forced"] }], /read: expected \["forced"\], got \["plain"\]/],
    [
      "a call that waits without a name",
      [
        { do: "answer", always: { held: true } },
        { ...login, result: "waits", stored: undefined, next: undefined },
      ],
      /needs a name/,
    ],
    [
      "a call that ends unmentioned",
      [
        ...late,
        { do: "answer", answers: [{ held: true }] },
        { do: "get", as: "a", result: "waits", sent: ["refresh rt-1"] },
        { do: "release", stored: { access: "at-2", refresh: "rt-2" } },
      ],
      /step 5 \(release\)\n {2}settled: expected \{\}, got \{"a":"at-2"\}/,
    ],
    [
      "a call that does not end",
      [...late, { do: "advance", ms: 1, settled: { a: "at-2" } }],
      /settled: expected \{"a":"at-2"\}, got \{\}/,
    ],
    [
      "time that is left",
      [
        { do: "answer", always: { error: "UNREACHABLE/rate-limited", retryAfterMs: 5 } },
        { do: "get", result: "UNREACHABLE/rate-limited", retryAfterMs: 6, sent: ["exchange pw"] },
      ],
      /retryAfterMs: expected 6, got 5/,
    ],
    [
      "callers who are not served alike",
      [{ ...login, callers: 2, result: "at-2" }],
      /result: expected "at-2", got "at-1"/,
    ],
    [
      "a token that was never handed out",
      [{ do: "reject", token: "at-7" }],
      /the step cannot be done: at-7 was never handed out/,
    ],
    [
      "a step that does not exist",
      [{ do: "dance" }],
      /step 1 \(dance\)\n {2}the step cannot be done: there is no step "dance"/,
    ],
    ["an answer that is not held", [{ do: "release" }], /no answer is held/],
  ])("%s", async (_, steps, message) => {
    const failed = (await run(file(steps))).message;
    expect(failed).toMatch(message);
    expect(failed).toMatch(/^tokens: "a story", step \d \(/);
  });

  test("a decision", async () => {
    const decisions = [{ name: "no token", rule: "1", token: null, at: [[5, 7, "use"]] }];
    const { message } = await run({ subject: "decide", decisions } as unknown as VectorFile);
    expect(message).toBe('decide: "no token"\n  wall 5, monotonic 7: expected use, got refresh');
  });
});

describe("one that is pending", () => {
  test("passes as long as it fails, with its reason in the title", async () => {
    const failing = file([{ ...login, result: "at-2" }], { pending: "not built" });
    expect(await run(failing)).toEqual({ title: "a story (pending: not built)", message: undefined });
  });

  test("fails as soon as it passes", async () => {
    const { message } = await run(file([login], { pending: "not built" }));
    expect(message).toBe('tokens: "a story" is marked as pending, and passes: take the mark away');
  });
});
