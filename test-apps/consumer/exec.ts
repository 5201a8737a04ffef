import { bearer, createAuth, isAuthError } from "@auth/core";
import { fromCommand } from "@auth/exec";

const credentials = fromCommand({ command: [process.execPath, "-p", "'the-token'"] });
const auth = createAuth({ grant: bearer(), credentials });
if ((await auth.getToken()).reveal() !== "the-token") throw new Error("the command prints the token");

const missing: unknown = await fromCommand({ command: ["no-such-program-anywhere"] })
  .get()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(missing, "ERR_AUTH_UNAVAILABLE")) throw new Error("a missing program is told apart");
