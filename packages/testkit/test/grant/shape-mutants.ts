import { AccessToken } from "@auth/core";
import { after, type Mutant, within } from "./change.ts";
import { clock, server } from "./server.ts";

const promises = /promise/;

/** What goes wrong with what a grant is and yields. */
export const shapeMutants: Readonly<Record<string, Mutant>> = {
  "has its secret in its partition": {
    change: () => ({ partition: (credential) => credential?.password.reveal() }),
    fails: [/^SEC-55 its/],
  },
  "has one partition for everybody": {
    change: () => ({ partition: () => "everybody" }),
    fails: [/^SEC-55 another/],
  },
  "says something else without the credential": {
    change: (inner) => ({
      partition: (credential) => (credential ? inner.partition(credential) : "anybody"),
    }),
    fails: [/^SEC-55 its/],
  },
  "has a partition of its own in every instance": {
    change: () => {
      const id = Math.random();
      return { partition: (credential) => `${credential?.username} ${id}` };
    },
    fails: [/^SEC-55 its/],
  },
  "asks the server for its partition": {
    change: (inner) => ({
      async partition(credential) {
        await fetch(server.issuer).catch(() => {});
        return inner.partition(credential);
      },
    }),
    fails: [/^SEC-55 its/],
  },
  "does not accept its credential": {
    change: () => ({ accepts: ["api-key" as never] }),
    fails: [/^creating/, promises, /^SEC-69/],
  },
  "has a name that differs": { change: () => ({ name: `test ${Math.random()}` }), fails: [/^creating/] },
  "measures the lifetime from the answer": {
    change: after(({ accessToken, ...rest }) => ({
      ...rest,
      accessToken: new AccessToken(accessToken.reveal(), {
        obtainedAt: new Date(clock.now()),
        expiresAt: accessToken.expiresAt,
      }),
    })),
    fails: [/^SEC-51 exchange/, /^SEC-51 refresh/],
  },
  "does not say when it sent": {
    change: after(({ accessToken, ...rest }) => ({
      ...rest,
      accessToken: new AccessToken(accessToken.reveal(), { expiresAt: accessToken.expiresAt }),
    })),
    fails: [/^SEC-51 exchange/, /^SEC-51 refresh/, /promise [349]/],
  },
  "shows its tokens": {
    change: after((tokens) => ({ ...tokens, extra: { raw: tokens.accessToken.reveal() } })),
    fails: [/^SEC-51 exchange/, /^SEC-51 refresh/],
  },
  "keeps what is no JSON": {
    change: after((tokens) => ({ ...tokens, extra: { at: new Date(0) } })),
    fails: [/^SEC-51 exchange/, /^SEC-51 refresh/],
  },
  "drops the refresh token": {
    change: after(({ accessToken }) => ({ accessToken })),
    fails: [/^SEC-51 refresh/],
  },
  "uses the global fetch": {
    change: within((context) => ({ ...context, fetch: (...args) => globalThis.fetch(...args) })),
    fails: [/./],
  },
};
