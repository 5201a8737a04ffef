// Another program of the same session: does one thing with the keychain and prints the outcome as JSON. It is a process of its own,
// since a module that speaks to a keychain keeps the first session it saw.
import { isAuthError } from "@auth/core";
import { fromKeychain, type Keytar, keychainStore } from "../../src/index.ts";
import { realKeytar } from "../support/real-keytar.ts";

const [what, service = "", account = "", text = ""] = process.argv.slice(2);
const keytar = realKeytar() as Keytar;
const backend = { backend: "keytar", client: keytar } as const;
const read = async (more: object): Promise<string> => {
  const found = await fromKeychain({ service, account, bare: "password", ...more }).get();
  return found.type === "password" ? found.password.reveal() : found.type;
};

const works: Record<string, () => Promise<unknown>> = {
  set: () => keytar.setPassword(service, account, text),
  get: () => keytar.getPassword(service, account),
  read: () => read(backend),
  migrate: () => read({ migrateFrom: keytar }),
  "migrate and delete": () => read({ migrateFrom: keytar, deleteOld: true }),
  "write a login": () => keychainStore({ service, ...backend }).write(account, text, undefined),
  "read a login": async () => (await keychainStore({ service, ...backend }).read(account))?.value,
  "delete a login": () => keychainStore({ service, ...backend }).delete(account),
};
try {
  console.log(JSON.stringify((await works[what ?? ""]?.()) ?? null));
} catch (error) {
  console.log(JSON.stringify(isAuthError(error) ? `${error.code}/${error.reason}` : String(error)));
}
