import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fromAwsSecretsManager } from "@auth/aws-secrets-manager";
import { fromLocalAgent } from "@auth/aws-secrets-manager/local-agent";
import { basic, createAuth, isAuthError } from "@auth/core";

let reads = 0;
const server = createServer((request, response) => {
  reads++;
  const byAgent = request.headers["x-aws-parameters-secrets-token"] === "agent-token";
  const bySdk = request.headers["x-amz-target"] === "secretsmanager.GetSecretValue";
  response.setHeader("content-type", "application/x-amz-json-1.1");
  if (!byAgent && !bySdk) response.statusCode = 400;
  response.end(JSON.stringify({ SecretString: '{"username":"alice","password":"p"}', VersionId: "v1" }));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
Object.assign(process.env, {
  AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
  AWS_ACCESS_KEY_ID: "id",
  AWS_SECRET_ACCESS_KEY: "key",
});

const credentials = fromAwsSecretsManager({ secretId: "prod/acme", region: "eu-west-1" });
const auth = createAuth({ grant: basic(), credentials });
const [first, second] = await Promise.all([auth.headers(), auth.headers()]);
if (first.get("authorization") !== `Basic ${btoa("alice:p")}`)
  throw new Error("the secret's user and password");
if (second.get("authorization") !== first.get("authorization")) throw new Error("the same for both");
if (reads !== 1) throw new Error("two callers, one read");
await credentials[Symbol.asyncDispose]();

const agent = fromLocalAgent({ secretId: "prod/acme", port, env: { AWS_TOKEN: "agent-token" } });
const found = await agent.get();
if (found.type !== "password" || found.version !== "v1") throw new Error("the same secret, by the agent");
server.closeAllConnections();
server.close();

const away: unknown = await agent.get({ forceRefresh: true }).catch((thrown: unknown) => thrown);
if (!isAuthError(away, "ERR_AUTH_UNREACHABLE")) throw new Error("an agent that has gone is told apart");
