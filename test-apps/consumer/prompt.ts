import { isAuthError } from "@auth/core";
import { fromPrompt } from "@auth/prompt";

// Nobody is there: this must end at once, and must not ask.
const nobody: unknown = await fromPrompt({ username: "alice" })
  .get()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(nobody, "ERR_AUTH_UNAVAILABLE")) throw new Error("without a terminal there is no prompt");
