import { type GrantContext, isAuthError } from "@auth/core";
import type { AuthorizationServer } from "oauth4webapi";
import { parseRefusal } from "./parse-body.ts";
import { saidIn } from "./said.ts";
import type { Answer } from "./send.ts";
import type { Server } from "./server.ts";
import { counting } from "./time-left.ts";

/**
 * Asks one of the server's endpoints. If that is gone (404, 410, a redirect), the metadata is read again, and where it names
 * another endpoint now, that one is asked: whatever the old address is today, it is no endpoint that took the request.
 */
export async function atEndpoint(
  server: Server,
  context: GrantContext,
  ask: (endpoints: AuthorizationServer, context: GrantContext) => Promise<Answer>,
): Promise<Answer> {
  const now = counting(context);
  const before = await server.endpoints(context);
  let gone: () => Answer;
  try {
    const answer = await ask(before, now());
    if (!isGone(answer)) return answer;
    gone = () => answer;
  } catch (error) {
    if (!isAuthError(error, "ERR_AUTH_INVALID") || error.reason !== "redirect") throw error;
    gone = () => {
      throw error;
    };
  }
  const after = await server.endpoints(now(), before).catch(() => before); // what the first one said is worth more
  context.signal.throwIfAborted();
  return JSON.stringify(after) === JSON.stringify(before) ? gone() : ask(after, now());
}

/** An endpoint that says what is wrong is there. */
function isGone(answer: Answer): boolean {
  const { status } = answer;
  return (status === 404 || status === 410) && saidIn(status, parseRefusal(answer)).word === undefined;
}
