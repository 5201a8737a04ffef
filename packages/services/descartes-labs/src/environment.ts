/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable's value, or that of the next one. A blank one is not set (SEC-10). */
export function setting(env: Environment, ...names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value?.trim());
}

/**
 * Where tokens come from, as `DESCARTESLABS_ENV` says, and the variables that override its settings. Throws `TypeError` for an
 * environment that there is none of.
 */
export function iamUrl(env: Environment): string {
  const name = setting(env, "DESCARTESLABS_ENV") ?? "aws-production";
  const known = /^(?:aws-(production|staging|dev|freemium)|testing|local)$/.exec(name);
  if (!known) throw new TypeError("descartes-labs: DESCARTESLABS_ENV names no environment");
  const usual = name === "local" ? "dev.localhost" : `${known[1] ?? "dev"}.aws.${domain(env)}`;
  const host = setting(env, "DESCARTESLABS_DEFAULT_DOMAIN") ?? usual;
  const url = name === "local" ? `https://${host}:8000` : `https://iam.${host}`;
  return setting(env, "DESCARTESLABS_IAM_URL") ?? url;
}

/** The page on which a person finds the text to paste. */
export function loginUrl(env: Environment): string {
  const app = setting(env, "DESCARTESLABS_APP_URL") ?? `https://app.${domain(env)}`;
  return new URL(`${app}/account/refresh-token`).href;
}

const domain = (env: Environment): string => setting(env, "DESCARTESLABS_DOMAIN") ?? "descarteslabs.com";
