import {
  type AuthorizeRequestOptions,
  bearerTokenAuthenticationPolicy,
  createHttpHeaders,
  createPipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { type Contender, type Desk, refusingApi, scopes } from "../contender.ts";
import { exchange } from "../desk.ts";

/** The policy refuses http; nothing is sent, `next` answers. */
const url = "https://api.example/";

type Policy = ReturnType<typeof bearerTokenAuthenticationPolicy>;
type Cycler = AuthorizeRequestOptions["getAccessToken"];
type Token = NonNullable<Awaited<ReturnType<Cycler>>>;

export const contender: Contender = {
  name: "@azure/core-rest-pipeline",
  what: "the token cycler in bearerTokenAuthenticationPolicy, as its authorizeRequest callback gets it; a credential of plain fetch",
  request: "bearerTokenAuthenticationPolicy().sendRequest(request, next), next answers at once",
  async open(desk) {
    let cycler: Cycler | undefined;
    const keeping = policyOf(desk, async ({ getAccessToken }) => {
      cycler = getAccessToken;
    });
    await send(keeping);
    const getAccessToken = cycler as unknown as Cycler;
    const policy = policyOf(desk);
    const request = createPipelineRequest({ url });
    const response = { request, status: 200, headers: request.headers } as PipelineResponse;
    const next = async (): Promise<PipelineResponse> => response;
    return {
      token: () => getAccessToken(scopes, {}),
      text: ({ token }: Token) => token,
      onRequest: () => policy.sendRequest(request, next),
      onRefused: () =>
        policy.sendRequest(createPipelineRequest({ url: refusingApi }), async (sent) => {
          const { status, headers } = await desk.fetch(sent.url);
          return { request: sent, status, headers: createHttpHeaders(Object.fromEntries(headers)) };
        }),
    };
  },
  shared: "no store: a cycler keeps its token in memory, and what it asks is the caller's",
};

function policyOf(
  desk: Desk,
  authorizeRequest?: (options: AuthorizeRequestOptions) => Promise<void>,
): Policy {
  return bearerTokenAuthenticationPolicy({
    scopes,
    credential: {
      async getToken() {
        const { access_token: token, expires_in } = await exchange(desk);
        return { token, expiresOnTimestamp: Date.now() + expires_in * 1000 };
      },
    },
    ...(authorizeRequest && { challengeCallbacks: { authorizeRequest } }),
  });
}

async function send(policy: Policy): Promise<void> {
  const request = createPipelineRequest({ url });
  await policy.sendRequest(request, async () => ({ request, status: 200, headers: request.headers }));
}
