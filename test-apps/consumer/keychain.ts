import { basic, createAuth, isAuthError } from "@auth/core";
import { fromKeychain } from "@auth/keychain";

const entry = { service: "https://billing.example", account: "alice", bare: "password" } as const;
const client = {
  getPassword: async (service: string) => (service === entry.service ? "p" : null),
  setPassword: async () => {},
  deletePassword: async () => false,
};
const auth = createAuth({
  grant: basic(),
  credentials: fromKeychain({ ...entry, backend: "keytar", client }),
});
if ((await auth.headers()).get("authorization") !== `Basic ${btoa("alice:p")}`) throw new Error("the entry");

// The system's own: absent on a server, without such an entry on a desktop, or locked.
const service = `nobody-${crypto.randomUUID()}`;
const missing: unknown = await fromKeychain({ ...entry, service })
  .get()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(missing) || missing.code === "ERR_AUTH_INVALID")
  throw new Error("no entry: an error says why");
