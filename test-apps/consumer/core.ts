import {
  AccessToken,
  AuthError,
  type Credential,
  cached,
  chain,
  createAuth,
  type Grant,
  isAuthError,
  memoryStore,
  type Provider,
  Secret,
} from "@auth/core";

// A source of one's own, and a grant of one's own: what a plugin author writes.
const absent: Provider = {
  name: "absent",
  get: () => Promise.reject(new AuthError("ERR_AUTH_NOT_FOUND", "nothing", "absent: nothing is here.")),
};
let reads = 0;
const present: Provider = {
  name: "present",
  get: async () => {
    reads++;
    return { type: "api-key", key: new Secret("key") };
  },
};
const grant: Grant = {
  name: "count",
  accepts: ["api-key"],
  partition: () => "count",
  exchange: async (credential?: Credential) => ({
    accessToken: new AccessToken(credential?.type === "api-key" ? credential.key.reveal() : "nothing"),
  }),
};

const auth = createAuth({
  grant,
  credentials: chain(absent, cached(present, { ttlMs: 60_000 })),
  store: memoryStore(),
  policy: { minTtlMs: 1_000 },
});
const tokens = await Promise.all([auth.getToken(), auth.getToken(), auth.getToken()]);
if (tokens.some((token) => token.reveal() !== "key") || reads !== 1)
  throw new Error("three callers, one read");
if (JSON.stringify(tokens).includes("key")) throw new Error("a token printed itself");
await auth[Symbol.asyncDispose]();

const error: unknown = await chain(absent)
  .get()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(error, "ERR_AUTH_EXHAUSTED")) throw new Error("an empty chain says so");
