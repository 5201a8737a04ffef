import { writeFileSync } from "node:fs";
import { bearer, createAuth, isAuthError } from "@auth/core";
import { fromFile } from "@auth/file";

writeFileSync("token.json", JSON.stringify({ token: "the-token" }), { mode: 0o600 });
const auth = createAuth({ grant: bearer(), credentials: fromFile({ path: "token.json" }) });
if ((await auth.getToken()).reveal() !== "the-token") throw new Error("the file holds the token");

const missing: unknown = await fromFile({ path: "missing.json" })
  .get()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(missing, "ERR_AUTH_NOT_FOUND")) throw new Error("a missing file is told apart");
