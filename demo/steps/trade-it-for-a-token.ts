import { statSync } from "node:fs";
import { exactly } from "../show/ledger.ts";
import type { Step } from "./scene.ts";

const callers = 100;

export const tradeItForAToken: Step = {
  title: "It is traded for a token",
  async run({ screen, ledger, server, place, service }) {
    server.lifetime = 60;
    screen.say(
      `${callers} callers want a token at the same moment. The client credentials grant finds the server's token endpoint and trades the secret for one.`,
    );
    const tokens = await Promise.all(Array.from({ length: callers }, () => service.auth.getToken()));
    const mode = (statSync(place.tokens).mode & 0o777).toString(8);
    ledger.record("One request, one token for all of them, kept in tokens.json for this user alone.", [
      [`token requests for ${callers} first callers`, server.tokenRequests, exactly(1)],
      [
        "first callers with a token",
        tokens.filter(({ type }) => type === "Bearer").length,
        exactly(callers),
        "aside",
      ],
      [
        "different tokens for first callers",
        new Set(tokens.map((token) => token.reveal())).size,
        exactly(1),
        "aside",
      ],
      ["mode of tokens.json", mode, exactly(process.platform === "win32" ? mode : "600"), "aside"],
    ]);
  },
};
