import { count, percent } from "./chart.ts";
import type { Row } from "./measure.ts";
import type { ColdRow } from "./nothing-in-hand.ts";

/** The page about it. `seldom`: the case with nothing in hand once more, at the fleet's own ten seconds between calls. */
export function describe(rows: readonly Row[], cold: readonly ColdRow[], seldom: readonly ColdRow[]): string {
  const [ours, shared, without] = rows;
  if (!ours || !shared || !without) throw new RangeError("the first three rows are ours");
  const lines = rows.map(
    ({ name, peak, hurtAtWorst, hurtOnAverage, outagePeak }) =>
      `| ${name} | ${count(peak)} | ${percent(hurtAtWorst)} | ${percent(hurtOnAverage)} | ${count(outagePeak)} |`,
  );
  const [ourCold, peerCold] = cold;
  const [ourSeldom, peerSeldom] = seldom;
  if (!ourCold || !peerCold || !ourSeldom || !peerSeldom) throw new RangeError("ours, and those beside it");
  const coldLines = cold.map(
    ({ name, during, duringPeak, afterPeak, halfMs, allMs }) =>
      `| ${name} | ${count(during)} | ${count(duringPeak)} | ${count(afterPeak)} | ${seconds(halfMs)} | ${seconds(allMs)} |`,
  );
  return `<!-- Written by \`pnpm fleet\`. -->
# A fleet that does not march in step

Processes that start together get tokens that end together. If each renews a fixed time before the end, all of them knock on the
identity provider's door in the same minute, every hour; and if it is away in that minute, all of them feel it.

Here the early window of a token begins earlier by a random share, drawn anew for each token, of up to a quarter of its lifetime, and never
later. A fleet of 100,000 processes with one-hour tokens, started within a minute, then asks ${count(ours.peak)} times in its busiest second
instead of ${count(without.peak)} times. An outage of ten minutes reaches the ${percent(ours.hurtAtWorst)} whose token ends in it, at the worst time,
instead of everybody. Where 100 processes share a login in one Redis, one of them asks for all.

![Requests per second over five hours, and the processes that feel an outage](fleet.svg)

| Policy | Requests in the busiest second | Processes with a failed call, outage at the worst time | at any time | Requests in the busiest second, outage at the worst time |
| --- | ---: | ---: | ---: | ---: |
${lines.join("\n")}

"Ours, without the spread" is the same code with the random share at nought: what is left of the difference between the policies
then. The spread costs ${((ours.mean / without.mean - 1) * 100).toFixed(0)} % more requests in all, since a token is used for a shorter time.

## Nothing usable in hand

The same 100,000 processes wake up within a minute, all with tokens that ended an hour ago: after a night, or a stop of everything. The
identity provider has just gone away, and for ten minutes every request fails at once. Each process is asked for its token once a second.

| Policy | Requests per second during the outage, mean | in the busiest second | in the busiest second after it | Half of the processes have a token after | All |
| --- | ---: | ---: | ---: | ---: | ---: |
${coldLines.join("\n")}

After a failure ours waits 1 s · 2ⁿ, half of it fixed and half by chance, at most 8 s, and at most 30 s once the outage is older than a
minute; callers get the known error meanwhile. That is what the identity provider sees while it is down, and when it comes back. The
price is in the last two columns: after an outage of ten minutes a process finds out later that it is over. The others send what their
callers ask for, so with more calls they send more; ours sends the same. With a call every ten seconds they send
${count(peerSeldom.during)} a second and recover in ${seconds(peerSeldom.allMs)}, ours sends ${count(ourSeldom.during)} and takes ${seconds(ourSeldom.allMs)}.

## How it is counted

- 100,000 processes start within 60 s, evenly. Each needs its token every 10 s, whatever the answer was. Tokens last an hour. Five hours are simulated;
  the first token of each process is left out.
- Ours asks \`decide\` of \`@auth/core\`, the function that decides in production, with the default policy: 5 minutes ahead, and a pause of 30 s after a
  failed renewal while the token is good. The pause after a failure, of 1 s to 30 s, is the one of \`policy.failurePause\`; it holds
  before the expiry and after it.
- The outage: no request is answered for ten minutes, beginning at each of twelve times in the third hour, five minutes apart. "At the worst time" is
  the one of them that hurts that policy most; "at any time" is the mean. A failed call is one that got an error where it wanted a
  token, whether or not the old one was still good.
- What a library repeats within one request for a token is left out, for all. Ours repeats its request in the first of a series of
  failures only. \`pnpm bench\` counts that too, for one process, with an answer of 503: there google-auth-library and @azure/msal-node send less
  than one request for each call.
- Random numbers are seeded, so \`pnpm fleet\` writes the same page again.

## Where the policies are from

| Library | Asks for the next token | When that fails | Source |
| --- | --- | --- | --- |
| \`@azure/core-rest-pipeline\` | 2 minutes ahead, behind the callers | every 3 s until the expiry, then with each call | [Azure/azure-sdk-for-js](https://github.com/Azure/azure-sdk-for-js), \`sdk/core/core-rest-pipeline/src/util/tokenCycler.ts\`, \`DEFAULT_CYCLER_OPTIONS\` |
| \`google-auth-library\` | 5 minutes ahead, the caller waits | the caller gets the error; with each call | [googleapis/google-auth-library-nodejs](https://github.com/googleapis/google-auth-library-nodejs), \`src/auth/authclient.ts\`, \`DEFAULT_EAGER_REFRESH_THRESHOLD_MILLIS\`; \`src/auth/oauth2client.ts\` |
| \`@smithy/core\` (memoize) | 5 minutes ahead, the caller waits | the caller gets the error; with each call | [smithy-lang/smithy-typescript](https://github.com/smithy-lang/smithy-typescript), \`packages/core/src/util-identity-and-auth/memoizeIdentityProvider.ts\`, \`EXPIRATION_MS\` |
| \`@azure/msal-node\` (client credentials) | 5 minutes ahead, the caller waits | the caller gets the error; with each call | [AzureAD/microsoft-authentication-library-for-js](https://github.com/AzureAD/microsoft-authentication-library-for-js), \`lib/msal-common/src/config/ClientConfiguration.ts\`, \`DEFAULT_TOKEN_RENEWAL_OFFSET_SEC\`; \`lib/msal-node/src/client/ClientCredentialClient.ts\` |
| \`@badgateway/oauth2-client\` | 1 minute ahead, by a timer | once; from the expiry on with each call | [badgateway/oauth2-client](https://github.com/badgateway/oauth2-client), \`src/fetch-wrapper.ts\`, \`scheduleRefresh\` |

None of the five moves its renewal by chance. Several of them can be given a provider of credentials that does so itself, or that goes on with the
old token while the new one fails; that is left to the application.
`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
