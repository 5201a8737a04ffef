import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { apiClient, secondsRemaining } from "@auth/jamf-pro";

const jamf = createServer((request, response) => {
  void text(request).then((body) => answer(body, response));
});
function answer(body: string, response: ServerResponse): void {
  const known = new URLSearchParams(body).get("client_secret") === "secret";
  response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
  response.end(
    JSON.stringify(known ? { access_token: "the-token", token_type: "Bearer", expires_in: 600 } : {}),
  );
}
await new Promise<void>((resolve) => jamf.listen(0, "127.0.0.1", resolve));
const server = `http://127.0.0.1:${(jamf.address() as AddressInfo).port}`;

const authWith = (secret: string) =>
  createAuth({
    grant: apiClient({ server }),
    credentials: fixed({ type: "client-secret", clientId: "app", clientSecret: new Secret(secret) } as const),
  });
const token = await authWith("secret").getToken();
if (token.reveal() !== "the-token" || secondsRemaining(token) > 600) throw new Error("the server's token");
const error: unknown = await authWith("wrong")
  .getToken()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(error, "ERR_AUTH_GRANT")) throw new Error("the server's refusal");
jamf.close();
jamf.closeAllConnections();
