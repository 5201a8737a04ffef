import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { apiKey, createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { createFetch } from "@auth/fetch";

const server = createServer((request, response) => response.end(String(request.headers["x-api-key"])));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const auth = createAuth({
  grant: apiKey(),
  credentials: fixed({ type: "api-key", key: new Secret("the-key") }),
});
const api: typeof fetch = createFetch(auth, { origins: [origin] });
if ((await (await api(`${origin}/v1`)).text()) !== "the-key") throw new Error("the key is on the request");

const refused: unknown = await api("https://example.invalid/").catch((thrown: unknown) => thrown);
if (!isAuthError(refused, "ERR_AUTH_INVALID")) throw new Error("nobody else gets it");
server.close();
server.closeAllConnections();
