import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { userAccount } from "@auth/yamcs";

const yamcs = createServer((request, response) => {
  void text(request).then((body) => answer(body, response));
});
function answer(body: string, response: ServerResponse): void {
  const known = new URLSearchParams(body).get("password") === "secret";
  response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
  const granted = { access_token: "the-token", token_type: "bearer", expires_in: 600, refresh_token: "r" };
  response.end(JSON.stringify(known ? granted : {}));
}
await new Promise<void>((resolve) => yamcs.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(yamcs.address() as AddressInfo).port}`;

const authWith = (password: string) =>
  createAuth({
    grant: userAccount({ url }),
    credentials: fixed({ type: "password", username: "anna", password: new Secret(password) } as const),
  });
await using auth = authWith("secret");
if ((await auth.getToken()).reveal() !== "the-token") throw new Error("the server's token");
const error: unknown = await authWith("wrong")
  .getToken()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(error, "ERR_AUTH_GRANT")) throw new Error("the server's refusal");
yamcs.close();
yamcs.closeAllConnections();
