import type { Provider } from "@auth/core";
import { agentTransport } from "./agent-transport.ts";
import { checkGiven, type SecretOptions } from "./secret-options.ts";
import { secretProvider } from "./secret-provider.ts";

export interface FromLocalAgentOptions extends SecretOptions {
  /** Where the agent listens on this machine. Default: `PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`, or else 2773. */
  readonly port?: number | undefined;
  /** The file with the agent's token. Default: what `AWS_TOKEN` says, `AWS_SESSION_TOKEN`, or else `/var/run/awssmatoken`. */
  readonly tokenFile?: string | URL | undefined;
  /** How often one read is tried at most, 1 to 3. Default 3. */
  readonly attempts?: number | undefined;
  /** The environment. Default: `process.env`, looked up at each read. It is never written to. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * The same credentials without the SDK: from the AWS Secrets Manager Agent, or the AWS Parameters and Secrets Lambda
 * extension, which listens on this machine, signs in to AWS by itself and keeps a cache. Its token proves that it is this
 * machine that asks. `forceRefresh` asks the agent to look past its own cache (`refreshNow`).
 *
 * Errors: those of `fromAwsSecretsManager`, and `ERR_AUTH_UNAVAILABLE/no-agent-token`, `ERR_AUTH_DENIED/unreadable`,
 * `/agent-token-rejected`, `ERR_AUTH_INVALID/secret-format`, `ERR_AUTH_UNREACHABLE/agent-not-ready`. `TypeError` for options
 * that cannot work.
 *
 * Source: AWS Secrets Manager User Guide, "AWS Secrets Manager Agent" and "Use AWS Secrets Manager secrets in AWS Lambda
 * functions"; github.com/aws/aws-secretsmanager-agent.
 *
 * @example
 * ```ts
 * const credentials = fromLocalAgent({ secretId: "prod/acme" });
 * ```
 */
export function fromLocalAgent(options: FromLocalAgentOptions): Provider & AsyncDisposable {
  checkGiven("fromLocalAgent", options);
  const { port, tokenFile, env, attempts = 3 } = options;
  const demand = (good: boolean, problem: string): void => {
    if (!good) throw new TypeError(`fromLocalAgent: ${problem}`);
  };
  const aPort = port === undefined || (Number.isInteger(port) && port > 0 && port < 65_536);
  demand(aPort, "`port` is a port, 1 to 65535");
  const aPlace = tokenFile === undefined || tokenFile instanceof URL || typeof tokenFile === "string";
  demand(aPlace && tokenFile !== "", "`tokenFile` is the path of a file, or its file: URL");
  demand(Number.isInteger(attempts) && attempts >= 1 && attempts <= 3, "`attempts` is 1, 2 or 3");
  return secretProvider("fromLocalAgent", options, {
    place: "agent",
    attempts,
    transport: () => agentTransport({ port, tokenFile, env }),
  });
}
