// pnpm demo: the main job, for real, against a certified authorization server on this machine. It succeeds only if every
// step was seen to be true: by counting at the servers and in the callers, not by asking the library.
import { service } from "./programs/service.ts";
import { exactly, Ledger } from "./show/ledger.ts";
import { Screen } from "./show/screen.ts";
import { startApi } from "./stage/api.ts";
import { authorizationServer } from "./stage/authorization-server.ts";
import { privateFolder } from "./stage/private-folder.ts";
import { findACredential } from "./steps/find-a-credential.ts";
import { keepItAcrossProcesses } from "./steps/keep-it-across-processes.ts";
import { renewAheadOfTime } from "./steps/renew-ahead-of-time.ts";
import type { Scene, Step } from "./steps/scene.ts";
import { shareALogin } from "./steps/share-a-login.ts";
import { surviveAnOutage } from "./steps/survive-an-outage.ts";
import { tradeItForAToken } from "./steps/trade-it-for-a-token.ts";
import { useItOnARequest } from "./steps/use-it-on-a-request.ts";

const steps: readonly Step[] = [
  findACredential,
  tradeItForAToken,
  useItOnARequest,
  renewAheadOfTime,
  keepItAcrossProcesses,
  surviveAnOutage,
  shareALogin,
];

const started = performance.now();
for (const [signal, code] of [
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => process.exit(code)); // so that what listens to `exit` cleans up
process.stdout.on("error", () => process.exit(1)); // whoever read along has left

const screen = new Screen(process.stdout);
const ledger = new Ledger(screen);
using folder = privateFolder();
await using server = await authorizationServer();
await using api = await startApi(server);

screen.title("The main job, for real");
screen.say(
  "An authorization server (oidc-provider, certified) and an API have started on 127.0.0.1. Their tokens live for seconds instead of an hour, so that you can watch. Each ✓ was measured: at the servers and by the callers, not by asking the library.",
);

const { id, secret } = server.service;
const place = {
  issuer: server.issuer,
  api: api.origin,
  credential: folder.write("credential.json", { client_id: id, client_secret: secret }),
  tokens: folder.at("tokens.json"),
};
const scene: Scene = { screen, ledger, folder, server, api, place, service: service(place) };
try {
  for (const [index, step] of steps.entries()) {
    screen.step(index + 1, step.title);
    await step.run(scene);
  }
  const printed = [...server.secrets].filter((text) => screen.shown.includes(text));
  screen.line();
  ledger.record(`None of the ${server.secrets.size} tokens and secrets in play was printed above.`, [
    ["secrets printed", printed.length, exactly(0)],
  ]);
} catch (error) {
  ledger.fail(error);
}

screen.title("What was measured");
ledger.print();
screen.line();
const seconds = ((performance.now() - started) / 1_000).toFixed(0);
screen.verdict(
  ledger.good,
  ledger.good ? `All of it, in ${seconds} seconds.` : "Something is not as it must be.",
);
screen.line();
process.exitCode = ledger.good ? 0 : 1;
