import type { ByHand } from "../programs/by-hand.ts";
import type { LoginPlace } from "../programs/login-place.ts";
import type { WithAuth } from "../programs/with-auth.ts";
import { atLeast, exactly } from "../show/ledger.ts";
import { type Child, startChild } from "../stage/child.ts";
import { until } from "../stage/until.ts";
import type { Scene, Step } from "./scene.ts";

/** So many tokens live and die before it is enough. */
const lives = 6;

export const shareALogin: Step = {
  title: "Two processes share one login, and nobody is logged out",
  async run(scene) {
    const { screen, ledger, server, api } = scene;
    server.lifetime = 4;
    screen.say(
      "Alice has logged in. Her refresh token may be used once: every renewal brings the next one, and if an old one comes back the server ends the whole login. Two processes use it; tokens live 4 seconds.",
    );

    const [first, second, ended] = await twice<ByHand>(scene, "by-hand", async ([one, two]) => {
      one.go();
      await until(() => server.tally("by-hand").granted > 0, 10_000);
      two.go(); // it has the refresh token that the first one has just spent
      return Promise.all([one.report, two.report]);
    });
    const hand = server.tally("by-hand");
    ledger.record(
      `Written by hand: logged out after ${(ended / 1_000).toFixed(1)} s, both of them. The second process sent a refresh token that the first had spent.`,
      [
        ["by hand: spent refresh tokens sent again", hand.reused, exactly(1)],
        ["by hand: logins ended by the server", hand.revoked, exactly(1), "aside"],
        [
          "by hand: processes logged out",
          [first, second].filter(({ loggedOut }) => loggedOut).length,
          exactly(2),
        ],
      ],
    );

    const before = api.answered();
    const [a, b, lasted] = await twice<WithAuth>(scene, "with-auth", async ([one, two]) => {
      one.go();
      two.go();
      await screen.during(
        until(() => api.tokens("with-auth") >= lives || server.tally("with-auth").refused > 0, 25_000),
        () => `${api.answered() - before} requests answered, ${api.tokens("with-auth")} tokens so far`,
      );
      one.stop(); // the last token is new, so nobody is renewing it just now
      two.stop();
      return Promise.all([one.report, two.report]);
    });
    const { granted, refused, reused, revoked } = server.tally("with-auth");
    const tokens = api.tokens("with-auth");
    ledger.record(
      `With @auth/core: still logged in after ${(lasted / 1_000).toFixed(1)} s, ${tokens} tokens and ${granted} renewals later. That was ${a.answered + b.answered} requests by two processes that know nothing of each other.`,
      [
        ["with auth: tokens that came and went", tokens, atLeast(lives)],
        ["with auth: renewals, by both together", granted, exactly(tokens)],
        ["with auth: spent refresh tokens sent again", reused, exactly(0)],
        ["with auth: refusals and ended logins", refused + revoked, exactly(0)],
        ["with auth: calls failed", a.failed + b.failed, exactly(0)],
        ["with auth: calls answered, the fewer", Math.min(a.answered, b.answered), atLeast(lives), "aside"],
      ],
    );
  },
};

/** Runs a program in two processes that share one login of Alice's; what they report, and how long it took in ms. */
async function twice<Report>(
  { folder, server, place }: Scene,
  program: "by-hand" | "with-auth",
  work: (children: readonly [Child<Report>, Child<Report>]) => Promise<[Report, Report]>,
): Promise<[Report, Report, lastedMs: number]> {
  const refreshToken = await server.logIn("alice", program);
  const shared: Omit<LoginPlace, "name"> = {
    issuer: server.issuer,
    api: place.api,
    login: folder.write(`${program}.json`, { refresh_token: refreshToken, account: "alice" }),
    tokens: folder.at(`${program}-tokens.json`),
  };
  using one = startChild<Report>(program, { ...shared, name: `${program} 1` });
  using two = startChild<Report>(program, { ...shared, name: `${program} 2` });
  await Promise.all([one.ready, two.ready]);
  const started = performance.now();
  const reports = await work([one, two]);
  return [...reports, performance.now() - started];
}
