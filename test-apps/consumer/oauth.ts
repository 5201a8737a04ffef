import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { type ClientCredentialsOptions, clientCredentials } from "@auth/oauth";
import { clientCredentials as same } from "@auth/oauth/client-credentials";

let requests = 0;
const server = createServer((request, response) => {
  requests++;
  const basic = `Basic ${btoa("app:secret")}`;
  const known = request.headers.authorization === basic;
  response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
  response.end(
    JSON.stringify(
      known
        ? { access_token: "the-token", token_type: "Bearer", expires_in: 3600 }
        : { error: "invalid_client" },
    ),
  );
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const options: ClientCredentialsOptions = { issuer, tokenEndpoint: `${issuer}/token` };

const auth = createAuth({
  grant: clientCredentials(options),
  credentials: fixed({ type: "client-secret", clientId: "app", clientSecret: new Secret("secret") }),
});
const tokens = await Promise.all([auth.getToken(), auth.getToken()]);
if (tokens.some((token) => token.reveal() !== "the-token")) throw new Error("the server's token");
if (requests !== 1) throw new Error("two callers, one request");

const wrong = createAuth({
  grant: same(options),
  credentials: fixed({ type: "client-secret", clientId: "app", clientSecret: new Secret("wrong") }),
});
const error: unknown = await wrong.getToken().catch((thrown: unknown) => thrown);
if (!isAuthError(error, "ERR_AUTH_GRANT") || error.error !== "invalid_client")
  throw new Error("the server's refusal, by its own name");
server.close();
server.closeAllConnections();
