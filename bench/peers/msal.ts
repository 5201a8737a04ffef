import { readFile } from "node:fs/promises";
import {
  ConfidentialClientApplication,
  type Configuration,
  type ICachePlugin,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
  PublicClientApplication,
} from "@azure/msal-node";
import { type Contender, type SharedLogin, scopes } from "../contender.ts";
import type { Answer } from "../desk.ts";
import { replaceFile } from "../replace-file.ts";

const host = "login.example";
const tenant = "8f3b1c52-0a52-4a5b-9c59-6f0d7a6f1c11";
const user = "5d1a3f60-7a3b-4f0e-8a51-1c2f9f0e6b22";
const authority = `https://${host}/${tenant}`;

export const contender: Contender = {
  name: "@azure/msal-node",
  what: "ConfidentialClientApplication.acquireTokenByClientCredential() with a networkClient, no discovery",
  async open({ clientId, clientSecret, tokenEndpoint, fetch }) {
    const application = new ConfidentialClientApplication({
      auth: { ...auth(clientId), clientSecret },
      system: { networkClient: networkTo(tokenEndpoint, fetch) },
    });
    const request = { scopes: ["https://api.example/.default"] };
    return { token: () => application.acquireTokenByClientCredential(request), text };
  },
  shared: {
    what: "PublicClientApplication.acquireTokenSilent() with a cachePlugin on a file",
    async seed(login, refreshToken) {
      // As good as expired, for it.
      const application = applicationOf(login, { expires_in: 1 });
      await application.acquireTokenByRefreshToken({ refreshToken, scopes, forceCache: true });
    },
    async open(login) {
      const application = applicationOf(login);
      return {
        async token() {
          const [account] = await application.getTokenCache().getAllAccounts();
          if (!account) throw new Error("nobody is logged in");
          return application.acquireTokenSilent({ account, scopes });
        },
        text,
      };
    },
  },
};

const text = ({ accessToken }: { readonly accessToken: string }): string => accessToken;

function applicationOf(login: SharedLogin, fields: Partial<Answer> = {}): PublicClientApplication {
  return new PublicClientApplication({
    auth: auth(login.clientId),
    cache: { cachePlugin: fileCache(login.path) },
    system: { networkClient: networkTo(login.tokenEndpoint, login.fetch, { ...person(login), ...fields }) },
  });
}

/** As in the library's own example of one. */
function fileCache(path: string): ICachePlugin {
  return {
    async beforeCacheAccess({ tokenCache }) {
      const text = await readFile(path, "utf8").catch(() => undefined);
      if (text !== undefined) tokenCache.deserialize(text);
    },
    async afterCacheAccess({ cacheHasChanged, tokenCache }) {
      if (cacheHasChanged) await replaceFile(path, tokenCache.serialize());
    },
  };
}

/** Told everything that it would look up in the network. */
function auth(clientId: string): Configuration["auth"] {
  return {
    clientId,
    authority,
    knownAuthorities: [host],
    authorityMetadata: JSON.stringify({
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
      issuer: `${authority}/v2.0`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    }),
  };
}

/** What its own server says about the person, which is how it names a login. */
function person({ clientId }: SharedLogin): object {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const claims = {
    oid: user,
    tid: tenant,
    sub: user,
    preferred_username: "racer",
    aud: clientId,
    ver: "2.0",
  };
  return {
    client_info: encode({ uid: user, utid: tenant }),
    id_token: `${encode({ alg: "none" })}.${encode(claims)}.`,
  };
}

/** It insists on https, and on its own URLs; the requests go where the measurement wants them. */
function networkTo(
  tokenEndpoint: string,
  fetch: typeof globalThis.fetch,
  fields: object = {},
): INetworkModule {
  return {
    sendGetRequestAsync: async () => {
      throw new Error("nothing is to be looked up");
    },
    async sendPostRequestAsync<T>(
      _url: string,
      { headers = {}, body = "" }: NetworkRequestOptions = {},
    ): Promise<NetworkResponse<T>> {
      const response = await fetch(tokenEndpoint, { method: "POST", headers, body });
      const answer = (await response.json()) as object;
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: (response.ok ? { ...answer, ...fields } : answer) as T,
      };
    },
  };
}
