import { type Explanation, explain } from "@auth/core";
import { exactly } from "../show/ledger.ts";
import type { Step } from "./scene.ts";

export const findACredential: Step = {
  title: "A credential is found",
  async run({ screen, ledger, folder, server, service }) {
    screen.say(
      "The program looks in the environment, then in a file, and would ask a person last. This is how explain() tells what it found:",
    );
    const { outcome, links = [] } = await explain(service.credentials);
    screen.line();
    screen.table(
      links.map((link) => [link.provider.replace(folder.path, "…"), ...verdictOn(link)]),
      (row) => (links[row]?.winner ? "green" : "dim"),
    );
    screen.line();
    ledger.record("The file has it. Nobody was asked, and nothing was sent.", [
      ["the chain's outcome", outcome, exactly("found"), "aside"],
      [
        "source that has the credential",
        links.find(({ winner }) => winner)?.provider.split(" ")[0] ?? "none",
        exactly("file"),
      ],
      ["requests sent to find it", server.requests, exactly(0)],
    ]);
  },
};

function verdictOn({ outcome, reason = "", winner }: Explanation): [outcome: string, reason: string] {
  const word = outcome.replace("ERR_AUTH_", "").replaceAll("_", " ").replaceAll("-", " ").toLowerCase();
  return [word, winner ? "used" : reason];
}
