import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { AccessToken, AuthError, Secret } from "@auth/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { canary, captureOutput } from "../src/index.ts";

const { value } = canary("password");
const secret = canary("password");
const text = secret.value;
const core = text.slice("password.".length);

class Getter {
  get password(): string {
    return text;
  }
}

class Private {
  readonly #password: string = text;
  reveal(): string {
    return this.#password;
  }
}

const symbol = Symbol("hidden");
const cyclic: { self?: unknown; password: string } = { password: text };
cyclic.self = cyclic;

const leaks: Record<string, unknown> = {
  "a string": `password=${text}`,
  "an error's message": new Error(`wrong: ${text}`),
  "an error's stack": Object.assign(new Error("wrong"), { stack: `at ${text}` }),
  "a cause": new Error("wrong", { cause: new Error(text) }),
  "an aggregate": new AggregateError([new Error("a"), new Error(text)], "wrong"),
  "a hidden property": Object.defineProperty({}, "password", { value: text }),
  "a symbol's value": { [symbol]: text },
  "a symbol's description": { key: Symbol(text) },
  "a property's name": { [text]: 1 },
  "a getter of the class": new Getter(),
  "a getter that throws it": {
    get password(): string {
      throw new Error(text);
    },
  },
  "a custom inspection": { [inspect.custom]: () => text },
  "its JSON": { toJSON: () => ({ password: text }) },
  "its text": { toString: () => text },
  "its primitive": { [Symbol.toPrimitive]: () => text },
  "a map's key": new Map([[{ deep: text }, 1]]),
  "a set": new Set([{ deep: [text] }]),
  "a cycle": cyclic,
  headers: new Headers({ authorization: `Bearer ${text}` }),
  "a Basic header": {
    headers: [["authorization", `Basic ${Buffer.from(`alice:${text}`).toString("base64")}`]],
  },
  "search parameters": new URLSearchParams({ password: text }),
  "a URL": new URL(`https://alice:${text}@host.example/`),
  "a buffer": Buffer.from(text),
  "a UTF-16 buffer": Buffer.from(`x${text}`, "utf16le"),
  "an array buffer": new TextEncoder().encode(text).buffer,
  "a printed buffer": inspect(Buffer.from(text)),
  "URL-encoded": Array.from(text, (char) => `%${char.charCodeAt(0).toString(16)}`).join(""),
  base64: Buffer.from(text).toString("base64"),
  base64url: Buffer.from(`x${text}`).toString("base64url"),
  "base64 at the third offset": Buffer.from(`xx${text}yy`).toString("base64"),
  hex: Buffer.from(text).toString("hex").toUpperCase(),
  "hex with colons": Buffer.from(text)
    .toString("hex")
    .replace(/..(?=.)/g, "$&:"),
  reversed: Array.from(text).reverse().join(""),
  "its first eight characters": `${core.slice(0, 8)}…`,
  "its last eight characters": `…${core.slice(-8)}`,
  "a proxy's target": new Proxy({ password: text }, { get: () => "[secret]", ownKeys: () => [] }),
  "a function's property": Object.assign(() => {}, { password: text }),
};

describe("SEC-1 SEC-135 a canary is found in", () => {
  for (const [where, thing] of Object.entries(leaks)) {
    test(where, () => {
      expect(() => secret.check("harmless", thing)).toThrow(/^The secret "password" leaks/);
    });
  }
});

test("the failure does not quote the secret, in any form", () => {
  for (const thing of Object.values(leaks)) {
    let thrown: unknown;
    try {
      secret.check(thing);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    secret.check((thrown as Error).message);
  }
});

test("SEC-1 SEC-2 what keeps its secret passes", () => {
  secret.check(
    new Secret(text),
    new AccessToken(text, { expiresAt: new Date(0) }),
    new Private(),
    new AuthError("ERR_AUTH_INVALID", "x", "static", { cause: new Error(text) }),
    { label: "password", seven: core.slice(0, 7) },
    null,
    undefined,
    0n,
    Object.create(null),
    () => text,
  );
});

test("two canaries with one label are different secrets", () => {
  expect(value).not.toBe(text);
  secret.check(value);
});

test("files: names, bytes, folders in depth", () => {
  const folder = mkdtempSync(join(tmpdir(), "canary-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "deep"));
  const file = join(folder, "deep", "tokens.json");
  writeFileSync(file, "{}");
  secret.checkFiles(folder);
  writeFileSync(file, Buffer.concat([Buffer.of(1), Buffer.from(text, "utf16le")]));
  expect(() => secret.checkFiles(folder)).toThrow(/tokens\.json/);
  expect(() => secret.checkFiles(file)).toThrow(/tokens\.json/);
  writeFileSync(file, "{}");
  writeFileSync(join(folder, text), "");
  expect(() => secret.checkFiles(folder)).toThrow(/a file name/);
});

test("output: what is written and what console prints is caught, and nothing afterwards", async () => {
  const { result, stdout, stderr } = await captureOutput(async () => {
    process.stdout.write("one ");
    process.stderr.write(new TextEncoder().encode("two "));
    await Promise.resolve();
    console.log("three", { four: 4 });
    console.error("five");
    return 6;
  });
  expect({ result, stdout, stderr }).toEqual({
    result: 6,
    stdout: "one three { four: 4 }\n",
    stderr: "two five\n",
  });
  const failing = captureOutput(() => Promise.reject(new Error("failed")));
  await expect(failing).rejects.toThrow("failed");
  const { stdout: outer } = await captureOutput(async () => {
    await captureOutput(() => console.log("inner"));
    console.log("outer");
  });
  expect(outer).toBe("outer\n");
});

test("output: what somebody else writes meanwhile goes where it always goes", async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  void asked.then(() => {
    process.stdout.write("another's ");
    console.log("words");
    write();
  });
  const { result: inner, stdout: outer } = await captureOutput(async () => {
    const somebody = asked.then(() => process.stdout.write("beside it "));
    const captured = await captureOutput(async () => {
      ask();
      await Promise.all([written, somebody]);
      console.log("mine");
    });
    return captured.stdout;
  });
  expect({ inner, outer }).toEqual({ inner: "mine\n", outer: "beside it " });
});

test("a label that could not travel in a header is refused", () => {
  expect(() => canary("a b")).toThrow(TypeError);
});
