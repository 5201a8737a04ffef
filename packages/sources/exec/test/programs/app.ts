// An app that reads a credential. Its arguments: how it goes on, and the command.
import { fromCommand } from "@auth/exec";

const [, , way, ...command] = process.argv;
const credential = fromCommand({ command, interactive: way === "interactive", ttlMs: 0 }).get();
credential.then(
  (found) => console.log(`<${found.type === "access-token" ? found.token.reveal() : found.type}>`),
  (error: Error) => console.log(`<${error.message}>`),
);
if (way === "exit") process.stdin.once("data", () => process.exit());
