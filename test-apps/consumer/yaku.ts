import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { applicationToken, environments } from "@auth/yaku";

const good = `yakp_aa_0000000035_${"a".repeat(30)}`;
const yaku = createServer((request, response) => {
  const known = request.headers.authorization === `Bearer ${good}`;
  response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
  response.end("{}");
});
await new Promise<void>((resolve) => yaku.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(yaku.address() as AddressInfo).port}`;

const authWith = (token: string) =>
  createAuth({
    grant: applicationToken({ url }),
    credentials: fixed({ type: "access-token", token: new Secret(token) } as const),
  });
if ((await authWith(good).getToken()).reveal() !== good) throw new Error("a token that the server takes");
const error: unknown = await authWith(good.replace("35_a", "35_b"))
  .getToken()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(error, "ERR_AUTH_GRANT")) throw new Error("the server's refusal");
if ((await environments()).length !== 0) throw new Error("nobody has logged in here");
yaku.close();
yaku.closeAllConnections();
