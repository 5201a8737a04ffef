// An app that reads a credential and is ended meanwhile. Its arguments: how it ends, and the command.
import { fromCommand } from "@auth/exec";

const [, , way, ...command] = process.argv;
const reading = fromCommand({ command, ttlMs: 0 }).get();
reading.catch(() => {});
if (way === "exit") process.stdin.once("data", () => process.exit());
