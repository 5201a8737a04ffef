import type { SecondProcess } from "../programs/second-process.ts";
import { exactly } from "../show/ledger.ts";
import { startChild } from "../stage/child.ts";
import type { Step } from "./scene.ts";

export const keepItAcrossProcesses: Step = {
  title: "Another process has it too",
  async run({ screen, ledger, server, api, place, service }) {
    screen.say("The same program starts a second time, as a process that knows nothing but tokens.json.");
    const before = server.requests;
    using child = startChild<SecondProcess>("second-process", place);
    const { pid, tokenId } = await screen.during(child.report, () => "the second process starts");
    ledger.record(`Process ${pid} made its request at once, with the token of process ${process.pid}.`, [
      ["a second process's calls, answered", api.answered("second"), exactly(1)],
      ["its requests to the authorization server", server.requests - before, exactly(0)],
      ["its token", tokenId === service.auth.peek()?.id ? "ours" : "another", exactly("ours"), "aside"],
    ]);
  },
};
