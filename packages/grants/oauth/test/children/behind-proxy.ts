import { Secret, systemClock } from "@auth/core";
import { clientCredentials } from "../../src/index.ts";

/** One token request in a process that goes through the proxy of its environment; prints what it failed with. */
const grant = clientCredentials({
  issuer: "https://idp.example",
  tokenEndpoint: "https://idp.example/token",
});
const context = {
  signal: new AbortController().signal,
  fetch,
  clock: {
    ...systemClock,
    sleep: (ms: number, options?: { signal?: AbortSignal }) =>
      systemClock.sleep(ms < 9_000 ? 0 : ms, options),
  },
  salvage: () => {},
  warn: () => {},
};
const credential = { type: "client-secret", clientId: "app", clientSecret: new Secret("s") } as const;
await grant.exchange(credential, context).catch((error: Error) => {
  console.log(JSON.stringify(Object.assign({}, error, { message: error.message })));
});
