import { readFile } from "node:fs/promises";
import { OAuth2Client } from "google-auth-library";
import { type Client, type Contender, refusingApi, type SharedLogin } from "../contender.ts";
import { replaceFile } from "../replace-file.ts";

type Credentials = OAuth2Client["credentials"];

export const contender: Contender = {
  name: "google-auth-library",
  what: "OAuth2Client.getAccessToken() with a refresh token, which shares requests (a refreshHandler does not)",
  request: "OAuth2Client.getRequestHeaders()",
  async open(desk) {
    const client = clientOf(desk);
    client.setCredentials({ refresh_token: desk.refreshToken });
    return {
      ...asClient(client),
      onRequest: () => client.getRequestHeaders(),
      onRefused: () => client.request({ url: refusingApi, fetchImplementation: desk.fetch }),
    };
  },
  shared: {
    what: "the event `tokens`, into a file that is read before each call",
    seed: (login, refreshToken) =>
      save(login, { access_token: "expired", expiry_date: 1, refresh_token: refreshToken }),
    async open(login) {
      const client = clientOf(login);
      let saved: Promise<void> | undefined;
      client.on("tokens", (tokens) => {
        saved = save(login, tokens);
      });
      const { token, text } = asClient(client);
      return {
        async token() {
          client.setCredentials(JSON.parse(await readFile(login.path, "utf8")) as Credentials);
          const got = await token();
          await saved;
          return got;
        },
        text,
      };
    },
  },
};

function clientOf(to: {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly tokenEndpoint: string;
  readonly fetch: typeof fetch;
}): OAuth2Client {
  return new OAuth2Client({
    clientId: to.clientId,
    ...(to.clientSecret !== undefined && { clientSecret: to.clientSecret }),
    endpoints: { oauth2TokenUrl: to.tokenEndpoint },
    transporterOptions: { fetchImplementation: to.fetch },
  });
}

function asClient(client: OAuth2Client): Client {
  return {
    token: () => client.getAccessToken(),
    text: ({ token }: { readonly token?: string | null }) => token ?? "",
  };
}

/** A copy, at once: the library puts the old refresh token back into the object. */
function save({ path }: SharedLogin, tokens: Credentials): Promise<void> {
  return replaceFile(path, JSON.stringify(tokens));
}
