import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { exitCode, main } from "@auth/cli";

const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
const around = { platform: process.platform, stdin: stdin.end(), stdout, stderr };
const place = { cwd: process.cwd(), home: process.cwd(), env: {} };
const code = await main({ ...around, ...place, argv: ["config", "path"] });
const written = text(stdout.end());
if (code !== exitCode.done || !(await written).includes("config.json")) throw new Error("a path is printed");
