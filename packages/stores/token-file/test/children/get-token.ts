// Gets the token of a shared login for each line of its input. Stops before anything is sent, until it is told to go on.
import { createInterface } from "node:readline";
import { isAuthError } from "@auth/core";
import { authOf, type SharedLogin, storeOf } from "../support/shared-login.ts";

const login = JSON.parse(process.argv[2] ?? "") as SharedLogin;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const store = storeOf(login);
const auth = authOf(login, {
  ...store,
  withLock: store.withLock?.bind(store) as NonNullable<typeof store.withLock>,
  async prepare(key) {
    await store.prepare?.(key);
    console.log("prepared");
    await lines.next();
  },
});

while (!(await lines.next()).done) {
  try {
    console.log((await auth.getToken()).reveal());
  } catch (error) {
    console.log(isAuthError(error) ? error.reason : String(error));
  }
}
