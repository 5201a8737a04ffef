import { type Auth, createAuth, fixed, Secret, systemClock } from "@auth/core";
import { createFetch } from "@auth/fetch";
import { clientCredentials, refreshToken } from "@auth/oauth";
import { tokenFile } from "@auth/token-file";
import { type Client, type Contender, type Desk, refusingApi, type SharedLogin } from "./contender.ts";

type Token = Awaited<ReturnType<Auth["getToken"]>>;

const twoHoursMs = 7_200_000;

export const ours: Contender = {
  name: "@auth/core",
  what: "getToken() over clientCredentials of @auth/oauth",
  request: "authorize(request)",
  async open(desk) {
    const auth = authOf(desk);
    const api = createFetch(auth, { origins: [new URL(refusingApi).origin], fetch: desk.fetch });
    return { ...asClient(auth), onRefused: () => api(refusingApi) };
  },
  shared: {
    what: "refreshToken of @auth/oauth, tokenFile of @auth/token-file",
    async seed(login, token) {
      // Issued two hours ago, for one hour.
      const clock = { ...systemClock, now: () => Date.now() - twoHoursMs };
      const credentials = fixed({ type: "refresh-token", refreshToken: new Secret(token) });
      await using auth = sharedAuth(login, { clock, credentials });
      await auth.login();
    },
    open: async (login) => asClient(sharedAuth(login)),
  },
};

function authOf({ issuer, tokenEndpoint, clientId, clientSecret, fetch, clock }: Desk): Auth {
  const secret = new Secret(clientSecret);
  return createAuth({
    grant: clientCredentials({ issuer, tokenEndpoint }),
    credentials: fixed({ type: "client-secret", clientId, clientSecret: secret }),
    fetch,
    ...(clock && { clock }),
  });
}

function sharedAuth(
  { issuer, tokenEndpoint, clientId, path, fetch }: SharedLogin,
  more: Pick<Parameters<typeof createAuth>[0], "clock" | "credentials"> = {},
): Auth {
  return createAuth({
    name: "shared",
    grant: refreshToken({ issuer, tokenEndpoint, clientId, clientAuth: "none", account: "racer" }),
    store: tokenFile({ path }),
    fetch,
    ...more,
  });
}

function asClient(auth: Auth): Client {
  const request = new Request("https://api.example/");
  return {
    token: () => auth.getToken(),
    text: (token: Token) => token.reveal(),
    onRequest: () => auth.authorize(request),
  };
}
