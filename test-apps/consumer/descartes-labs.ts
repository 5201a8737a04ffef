import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { descartesLabs, identityOf } from "@auth/descartes-labs";

const claims = { sub: "alice", namespace: "alice", exp: Math.floor(Date.now() / 1_000) + 3_600 };
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const jwt = `${part({ alg: "RS256" })}.${part(claims)}.c2lnbmF0dXJl`;
const iam = createServer((request, response) => {
  void text(request).then((body) => answer(body, response));
});
function answer(body: string, response: ServerResponse): void {
  const known = body.includes('"refresh_token":"secret"');
  response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
  response.end(JSON.stringify(known ? { access_token: jwt } : {}));
}
await new Promise<void>((resolve) => iam.listen(0, "127.0.0.1", resolve));
const domain = `http://127.0.0.1:${(iam.address() as AddressInfo).port}`;

const authWith = (secret: string) =>
  createAuth({
    grant: descartesLabs({ domain }),
    credentials: fixed({ type: "client-secret", clientId: "app", clientSecret: new Secret(secret) } as const),
  });
const { payload } = identityOf(await authWith("secret").getToken());
if (payload["sub"] !== "alice") throw new Error("the token says who it is");
const error: unknown = await authWith("wrong")
  .getToken()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(error, "ERR_AUTH_GRANT")) throw new Error("the server's refusal");
iam.close();
iam.closeAllConnections();
