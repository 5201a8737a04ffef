import { bearer, createAuth, isAuthError } from "@auth/core";
import { createResolver } from "@auth/core/resolver";
import { fromEnv, scheme } from "@auth/env";

const env = { ACME_TOKEN: "the-token", HALF_USERNAME: "alice" };
const auth = createAuth({ grant: bearer(), credentials: fromEnv({ prefix: "ACME", env }) });
const headers = await auth.headers();
if (headers.get("authorization") !== "Bearer the-token") throw new Error("the variable is the token");

const half: unknown = await fromEnv({ prefix: "HALF", env })
  .get()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(half, "ERR_AUTH_INVALID")) throw new Error("half a credential is an error, not a miss");

const resolve = createResolver([scheme]);
if (resolve("env:ACME_TOKEN").name === "") throw new Error("a reference names its source");
