import { isAuthError } from "@auth/core";
import { exactly } from "../show/ledger.ts";
import type { Step } from "./scene.ts";

export const useItOnARequest: Step = {
  title: "It goes on a request",
  async run({ screen, ledger, server, place, service }) {
    screen.say("createFetch(auth, { origins }) puts it on requests to the API, and on no others.");
    const url = `${place.api}/orders`;
    const bare = await fetch(url);
    const { status } = await service.api(url);
    const before = server.requests;
    const elsewhere = await service.api(server.issuer).catch((error: unknown) => error);
    ledger.record("The API answers. A request to another origin is refused before anything is sent.", [
      ["the API's answer without the token", bare.status, exactly(401)],
      ["the API's answer with it", status, exactly(200)],
      [
        "error for another origin",
        isAuthError(elsewhere) ? elsewhere.reason : "none",
        exactly("origin-not-allowed"),
        "aside",
      ],
      ["requests seen by another origin", server.requests - before, exactly(0)],
    ]);
  },
};
