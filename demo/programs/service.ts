import { type Auth, type AuthEvent, type Credential, chain, createAuth, type Provider } from "@auth/core";
import { fromEnv } from "@auth/env";
import { createFetch } from "@auth/fetch";
import { fromFile } from "@auth/file";
import { clientCredentials } from "@auth/oauth";
import { fromPrompt } from "@auth/prompt";
import { tokenFile } from "@auth/token-file";

/** Where things are; nothing of it is a secret. */
export interface Place {
  readonly issuer: string;
  readonly api: string;
  readonly credential: string;
  readonly tokens: string;
}

export interface Service {
  readonly credentials: Provider<Credential>;
  readonly auth: Auth;
  readonly api: typeof fetch;
}

/** The program that the demo is about, as an app would write it. */
export function service(place: Place, onEvent: (event: AuthEvent) => void = () => {}): Service {
  const credentials = chain(
    fromEnv({ prefix: "AUTH_DEMO" }),
    fromFile({ path: place.credential }),
    fromPrompt({ type: "client-secret" }),
  );
  const auth = createAuth({
    grant: clientCredentials({ issuer: place.issuer, scopes: ["orders:read"] }),
    credentials,
    store: tokenFile({ path: place.tokens }),
    onEvent,
  });
  return { credentials, auth, api: createFetch(auth, { origins: [place.api] }) };
}
