#!/usr/bin/env node
import { homedir } from "node:os";
import { interruption, quietPipes } from "./interruption.ts";
import { main } from "./main.ts";

const { argv, env, platform, stdin, stdout, stderr } = process;
const signal = interruption(process);
quietPipes(process);
const code = await main({
  argv: argv.slice(2),
  env,
  platform,
  home: homedir(),
  cwd: process.cwd(),
  stdin,
  stdout,
  stderr,
  signal,
});
process.exitCode ||= code;
// What was not saved within its time must not keep the process.
if (signal.aborted) process.exit();
