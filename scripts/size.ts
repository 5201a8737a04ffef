import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { root } from "./packages.ts";

/** What an app's bundle grows by, minified and gzipped, in bytes. */
const budgets = [
  // `createAuth` imports its engine when a grant first needs a server, so an app with a fixed token does not load it.
  {
    title: "createAuth with a fixed token, loaded at once",
    names: "createAuth, fixed, bearer",
    split: true,
    limit: 7_800,
  },
  { title: "everything, in one file", names: "*", split: false, limit: 17_200 },
];

const core = join(root, "packages/core/dist/index.mjs");
let late = 0;
for (const { title, names, split, limit } of budgets) {
  const bytes = await size(names, split);
  const good = bytes <= limit;
  if (!good) late++;
  console.log(`${good ? "ok  " : "OVER"} core: ${title}: ${bytes} of ${limit} bytes`);
}
process.exitCode = late > 0 ? 1 : 0;

/** The entry and all that it imports statically; with `split`, what it imports on demand is another file and not counted. */
async function size(names: string, split: boolean): Promise<number> {
  const entry = "virtual:app";
  const code = `export ${names === "*" ? "*" : `{ ${names} }`} from ${JSON.stringify(core)};`;
  const bundle = await rolldown({
    input: entry,
    logLevel: "silent",
    plugins: [
      {
        name: "app",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
  });
  const { output } = await bundle.generate({ minify: true, format: "esm", codeSplitting: split });
  const chunks = new Map(
    output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])),
  );
  const loaded = new Set<string>();
  const load = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const imported of chunks.get(name)?.imports ?? []) load(imported);
  };
  for (const [name, chunk] of chunks) if (chunk.isEntry) load(name);
  return [...loaded].reduce(
    (sum, name) => sum + gzipSync(chunks.get(name)?.code ?? "", { level: 9 }).length,
    0,
  );
}
