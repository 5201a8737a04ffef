import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = new URL("..", import.meta.url);
const examples = readFileSync(new URL("README.md", folder), "utf8").matchAll(/^```ts\n(.*?)^```/gms);

/** The examples call an API that does not exist; here, this answers for it. */
const api = `globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  return Response.json({ url: request.url, sent: Object.fromEntries(request.headers) });
}`;

test.each([...examples].map(([, code]) => [code ?? ""]))(
  "README example runs as printed: %s",
  async (code) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--conditions=src",
        "--no-warnings",
        `--import=data:text/javascript,${encodeURIComponent(api)}`,
        "--input-type=module-typescript",
        `--eval=${code}\nconsole.log(await answer.text());`,
      ],
      { cwd: folder, env: {} },
    );
    expect(JSON.parse(stdout)).toEqual({
      url: "https://api.example.com/v1/things",
      sent: code.includes("apiKey") ? { "x-api-key": "the-key" } : { authorization: "Bearer the-token" },
    });
  },
);
