import { readFile } from "node:fs/promises";
import { OAuth2Client, OAuth2Fetch, type OAuth2Token } from "@badgateway/oauth2-client";
import { type Contender, refusingApi } from "../contender.ts";
import { replaceFile } from "../replace-file.ts";

/** It says on the console that a renewal failed; what is measured is counted. */
const onError = (): void => {};

export const contender: Contender = {
  name: "@badgateway/oauth2-client",
  what: "OAuth2Fetch.getAccessToken() over clientCredentials()",
  request: "OAuth2Fetch.mw()(request, next), next answers at once",
  async open({ issuer: server, tokenEndpoint, clientId, clientSecret, fetch }) {
    const client = new OAuth2Client({ server, tokenEndpoint, clientId, clientSecret, fetch });
    const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials(), onError });
    const request = new Request("https://api.example/");
    const response = new Response();
    const next = async (): Promise<Response> => response;
    const middleware = wrapper.mw();
    return {
      token: () => wrapper.getAccessToken(),
      text: (token: string) => token,
      onRequest: () => middleware(request, next),
      onRefused: () => middleware(new Request(refusingApi), (sent) => fetch(sent)),
      timer: () => wrapper.refreshToken(),
    };
  },
  shared: {
    what: "getStoredToken and storeToken on a file",
    seed: ({ path }, refreshToken) =>
      replaceFile(path, JSON.stringify({ accessToken: "expired", refreshToken, expiresAt: 1 })),
    async open({ issuer: server, tokenEndpoint, clientId, path, fetch }) {
      const client = new OAuth2Client({ server, tokenEndpoint, clientId, fetch });
      let saved: Promise<void> | undefined;
      const options = {
        client,
        getNewToken: () => null, // there is no password to fall back on
        getStoredToken: async () => JSON.parse(await readFile(path, "utf8")) as OAuth2Token,
        storeToken: (token: OAuth2Token) => {
          saved = replaceFile(path, JSON.stringify(token));
        },
        onError,
        scheduleRefresh: false,
      };
      return {
        // It reads the file when it is made: as late as can be.
        async token() {
          const token = await new OAuth2Fetch(options).getAccessToken();
          await saved;
          return token;
        },
        text: (token: string) => token,
      };
    },
  },
};
