import { isAuthError } from "@auth/core";
import { redisStore } from "@auth/redis";

// A client as npm `redis` has it, of a server that holds nothing, and then of one that is gone.
let answer = async (): Promise<unknown> => ["absent"];
const store = redisStore({ client: { sendCommand: () => answer() }, prefix: "acme:" });
if ((await store.read("nightly")) !== undefined) throw new Error("nothing is there");

answer = () => Promise.reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
const away: unknown = await store.read("nightly").catch((thrown: unknown) => thrown);
if (!isAuthError(away, "ERR_AUTH_UNREACHABLE")) throw new Error("a server that is away is told apart");
