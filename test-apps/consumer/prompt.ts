import { PassThrough } from "node:stream";
import { isAuthError } from "@auth/core";
import { fromPrompt } from "@auth/prompt";

// Nobody is there: this must end at once, and must not ask.
const nobody: unknown = await fromPrompt({ username: "alice" })
  .get()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(nobody, "ERR_AUTH_UNAVAILABLE")) throw new Error("without a terminal there is no prompt");

// And now somebody is, who answers as soon as there is a question.
const raw: boolean[] = [];
const input = Object.assign(new PassThrough(), {
  isTTY: true,
  setRawMode: (mode: boolean) => void raw.push(mode),
});
const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
let shown = "";
const keys = ["pä55 wörd", "\r"]; // a chunk for each look at the screen, as a person would type
output.on("data", (part) => {
  shown += String(part);
  if (shown.includes("Password")) setImmediate(() => input.write(keys.shift() ?? ""));
});
const answered = await fromPrompt({ username: "alice", input, output }).get();
if (answered.type !== "password" || answered.password.reveal() !== "pä55 wörd")
  throw new Error("the person's answer is the password");
if (shown.includes("wörd")) throw new Error("it is not shown");
if (raw.join() !== "true,false") throw new Error("the terminal is left as it was");
