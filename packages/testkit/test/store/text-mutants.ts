import { but, careful, type Mutant } from "./careful.ts";

/** What goes wrong with what a store keeps. */
export const textMutants: Readonly<Record<string, Mutant>> = {
  "answers null for absent": {
    make: but((inner) => ({ read: async (key) => (await inner.read(key)) ?? (null as never) })),
    fails: [
      /^a key that was never/,
      /deleting reports/,
      /expects another/,
      /do not disturb/,
      /any text/,
      /preparing/,
      /other sees/,
    ],
  },
  "trims its texts": {
    make: but((inner) => ({ write: (key, value, expected) => inner.write(key, value.trim(), expected) })),
    fails: [/line breaks/, /blanks around/, /control characters/],
  },
  "turns CRLF into LF": {
    make: but((inner) => ({
      write: (key, value, expected) => inner.write(key, value.replaceAll("\r\n", "\n"), expected),
    })),
    fails: [/line breaks/],
  },
  "keeps JSON parsed": {
    make: but((inner) => ({
      async read(key) {
        const found = await inner.read(key);
        if (!found?.value.startsWith("{")) return found;
        return { ...found, value: JSON.stringify(JSON.parse(found.value), ["a"]) };
      },
    })),
    fails: [/JSON in it/, /token record/],
  },
  "decodes hex": {
    make: but((inner) => ({
      async read(key) {
        const found = await inner.read(key);
        if (!found || !/^(?:[\da-f]{2})+$/.test(found.value)) return found;
        return { ...found, value: Buffer.from(found.value, "hex").toString("latin1") };
      },
    })),
    fails: [/hex-like/, /one holder/],
  },
  "cuts long texts": {
    make: but((inner) => ({
      write: (key, value, expected) => inner.write(key, value.slice(0, 32_768), expected),
    })),
    fails: [/64 KiB/],
  },
  "knows ASCII only": {
    make: but((inner) => ({
      write: (key, value, expected) =>
        inner.write(key, Buffer.from(value, "latin1").toString("latin1"), expected),
    })),
    fails: [/several scripts/, /control characters/, /any text/],
  },
  "has a name that differs": {
    make: (disk) => ({ ...careful(disk), name: `disk ${Math.random()}` }),
    fails: [/^its name/],
  },
};
