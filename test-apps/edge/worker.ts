// What is said to run where there is no Node: bundled as for a browser, and called by `workerd test`. There are no files, no
// modules of Node's and no network here.
import { bearer, createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { createResolver } from "@auth/core/resolver";
import { fromEnv, scheme } from "@auth/env";
import { createFetch } from "@auth/fetch";
import { clientCredentials } from "@auth/oauth";

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Both servers: that which gives tokens, and that which takes them. */
const servers: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  if (!request.url.endsWith("/token"))
    return new Response(request.headers.get("authorization") === "Bearer the-token" ? "orders" : "nobody");
  const known = request.headers.get("authorization") === `Basic ${btoa("app:secret")}`;
  const answer = { access_token: "the-token", token_type: "Bearer", expires_in: 3_600 };
  return Response.json(known ? answer : { error: "invalid_client" }, { status: known ? 200 : 401 });
};

const issuer = "https://issuer.example";
const api = "https://api.example";

const steps: Record<string, () => Promise<void>> = {
  async "core: a header"() {
    const credentials = fixed({ type: "access-token", token: new Secret("t") } as const);
    const headers = await createAuth({ grant: bearer(), credentials }).headers();
    check(headers.get("authorization") === "Bearer t", "the header holds the token");
  },

  async "env: variables that are handed in, one of them base64"() {
    const env = { ACME_TOKEN: "t", ACME_BYTES: btoa('{"token":"from bytes"}') };
    const found = await fromEnv({ prefix: "ACME", env, dotenv: ".env" }).get();
    check(found.type === "access-token" && found.token.reveal() === "t", "the variable");
    const bytes = await fromEnv({ payload: "ACME_BYTES", encoding: "base64", env }).get();
    check(bytes.type === "access-token" && bytes.token.reveal() === "from bytes", "decoded");
  },

  async "env: where there are no variables and no files, nothing is set"() {
    const options = { token: "NO_SUCH_VARIABLE", dotenv: ".env" };
    const url = { ...options, dotenv: new URL("file:///app/.env") };
    for (const source of [fromEnv(options), fromEnv(url), createResolver([scheme])("env:NO_SUCH_VARIABLE")])
      check(isAuthError(await failure(source.get()), "ERR_AUTH_NOT_FOUND"), "not found, and no crash");
  },

  async "oauth and fetch: a token is bought and sent"() {
    const credentials = fixed({
      type: "client-secret",
      clientId: "app",
      clientSecret: new Secret("secret"),
    } as const);
    globalThis.fetch = servers;
    const grant = clientCredentials({ issuer, tokenEndpoint: `${issuer}/token` });
    const call = createFetch(createAuth({ grant, credentials }), { origins: [api] });
    check((await (await call(`${api}/orders`)).text()) === "orders", "the API took it");
  },
};

// biome-ignore lint/style/noDefaultExport: that is how a worker is exported
export default {
  async test(): Promise<void> {
    for (const [name, step] of Object.entries(steps)) {
      try {
        await step();
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    console.log(Object.keys(steps).join("\n"));
  },
};
