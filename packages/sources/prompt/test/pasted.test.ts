import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { pasted } from "../src/pasted.ts";

/** What the library gets for these chunks, and how it reads as an answer. */
function through(...chunks: (string | Buffer)[]): { keys: string; whole: (answer: string) => string } {
  const input = new PassThrough();
  const typed = pasted(input);
  onTestFinished(() => typed[Symbol.dispose]());
  let keys = "";
  typed.input.on("data", (chunk: Buffer) => {
    keys += chunk.toString();
  });
  for (const chunk of chunks) input.write(chunk);
  return { keys, whole: typed.whole };
}
const long = "0123456789abcdef".repeat(8);

test("what is typed is passed on as it is, and so is a short paste", () => {
  expect(through("a", "\u007f", "pässwörd", "\r").keys).toBe("a\u007fpässwörd\r");
});

test("a long paste is one character, in however many pieces it comes", () => {
  const { keys, whole } = through("a", long, long, `${long}\u007f`, `${long}\r`);
  expect(keys).toBe("a\ue000\u007f\ue001\r");
  expect(whole("\ue000")).toBe(long + long + long);
  expect(whole("a\ue001")).toBe(`a${long}`);
});

test("two lines that are pasted are two answers, as they were before", () => {
  expect(through(`${long}\r${long}\r`).keys).toBe("\ue000\r\ue001\r");
});

test("a character that is cut in two comes whole", () => {
  const bytes = Buffer.from(`${"🔑".repeat(40)}`);
  const { keys, whole } = through(bytes.subarray(0, 121), bytes.subarray(121));
  expect(whole(keys)).toBe("🔑".repeat(40));
});

test("arrows and other sequences are no paste", () => {
  const arrows = "\u001b[D".repeat(40);
  expect(through(arrows).keys).toBe(arrows);
});

test("who types a character of the private use area gets it back", () => {
  const { keys, whole } = through("\uf8ff", "x", long, "\ue000");
  expect(whole(keys)).toBe(`\uf8ffx${long}\ue000`);
});
