import type { FromLocalAgentOptions } from "./from-local-agent.ts";
import type { Transport } from "./transport.ts";

export type AgentPlace = Pick<FromLocalAgentOptions, "port" | "tokenFile" | "env">;

/** The way by the agent on this machine. Nothing is kept open between two reads. */
export function agentTransport(place: AgentPlace): Transport {
  return {
    async read(request, rules) {
      const { readAgent } = await import("./read-agent.ts"); // its load time is for those who use it
      return readAgent(place, request, rules);
    },
    close() {},
  };
}
