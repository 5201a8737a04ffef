#!/usr/bin/env node
import { interruption, quietPipes } from "./interruption.ts";
import { main } from "./main.ts";

const { argv, env, platform, stdin, stdout, stderr } = process;
const asked = interruption(process);
quietPipes(process);
const around = { env, platform, stdin, stdout, stderr, cwd: workingDirectory() };
const code = await main({ ...around, argv: argv.slice(2), interruption: asked });
process.exitCode ||= code;
// What was not saved within its time must not keep the process.
if (asked.signal.aborted) process.exit();
// Nor may what somebody else's package has left running.
setTimeout(() => process.exit(), 5_000).unref();

function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined; // deleted under our feet
  }
}
