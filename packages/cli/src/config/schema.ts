import {
  array,
  boolean,
  description,
  exactOptional,
  type GenericSchema,
  integer,
  literal,
  maxValue,
  minLength,
  minValue,
  nonEmpty,
  number,
  picklist,
  pipe,
  record,
  regex,
  strictObject,
  string,
  union,
  variant,
} from "valibot";
import type { Config, Profile } from "./config.ts";
import { foreignScheme, packageName, quietReferencePattern, referencePattern } from "./reference.ts";

/** Letters, digits, dots, dashes: a profile's name is typed, and is a key in stores. */
export const profileName: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const word = pipe(string(), nonEmpty());
const text = (about: string) => pipe(string(), nonEmpty(), description(about));
const list = (about: string) => pipe(array(word), description(about));
const oneOrMore = (about: string) => pipe(union([word, pipe(array(word), minLength(1))]), description(about));
const reference = pipe(string(), regex(referencePattern));

const timeoutMs = exactOptional(
  pipe(
    number(),
    integer(),
    minValue(1),
    maxValue(60_000),
    description(
      "Longest time of one request, in milliseconds. Default 10000, ten seconds; 15000 for jamf-pro.",
    ),
  ),
);
const scopes = exactOptional(list("What to ask for, one scope per entry."));

const server = {
  issuer: text(
    "The authorization server's issuer identifier, an https URL. Its metadata is read from there.",
  ),
  tokenEndpoint: exactOptional(text("The token endpoint. With it, no metadata is read.")),
  revocationEndpoint: exactOptional(text("Where `auth logout` revokes tokens, beside a tokenEndpoint.")),
  clientId: exactOptional(text("The OAuth client id, if the credential does not bring it.")),
  scopes,
  audience: exactOptional(oneOrMore("Who the token is for, at servers that read `audience`.")),
  resource: exactOptional(oneOrMore("Who the token is for (RFC 8707): absolute URIs.")),
  extraParameters: exactOptional(
    pipe(record(string(), string()), description("Sent with every token request. Not for secrets.")),
  ),
  timeoutMs,
};
const how = "How the client proves itself: its secret in the Authorization header, or in the body.";
const client = {
  clientAuth: exactOptional(pipe(picklist(["basic", "post", "none"]), description(how))),
  clientSecret: exactOptional(
    pipe(
      string(),
      regex(quietReferencePattern),
      description("The client's own secret, if it has one: a reference, like those of credentials."),
    ),
  ),
};
const username = exactOptional(text("Whose password it is, if the credential does not bring the name."));

const grant = variant("type", [
  strictObject({
    type: literal("client-credentials"),
    ...server,
    clientAuth: exactOptional(pipe(picklist(["basic", "post"]), description(how))),
  }),
  strictObject({ type: literal("private-key"), ...server }),
  strictObject({ type: literal("refresh-token"), ...server, ...client }),
  strictObject({
    type: literal("password"),
    ...server,
    ...client,
    clientId: text("The OAuth client id."),
    username,
  }),
  strictObject({
    type: literal("device-code"),
    ...server,
    ...client,
    clientId: text("The OAuth client id."),
    deviceAuthorizationEndpoint: exactOptional(
      text("The device authorization endpoint, beside a tokenEndpoint."),
    ),
    pkce: exactOptional(
      pipe(boolean(), description("Bind the token request to the device request (RFC 7636). Default false.")),
    ),
  }),
  strictObject({ type: literal("bearer") }),
  strictObject({
    type: literal("api-key"),
    header: exactOptional(text("The header that carries the key. Default x-api-key.")),
  }),
  strictObject({ type: literal("basic"), username }),
  strictObject({
    type: literal("jamf-pro"),
    server: text("The server: jamf.example, or its address."),
    username,
    clientId: exactOptional(text("The API client's id. With it, it is an API client; else a user account.")),
    scopes,
    timeoutMs,
  }),
  strictObject({ type: literal("yaku"), url: text("The server: https://yaku.example."), timeoutMs }),
  strictObject({
    type: literal("yamcs"),
    url: text("The server: https://yamcs.example."),
    tls: exactOptional(
      pipe(boolean(), description("Of an address without a scheme: it is https. Default false.")),
    ),
    username,
    clientId: exactOptional(text("The service account's id, if the credential does not bring it.")),
    become: exactOptional(
      text("The user that a service account acts as. With it, it is one; else a user account."),
    ),
    timeoutMs,
  }),
  strictObject({
    type: literal("descartes-labs"),
    domain: exactOptional(text("Where tokens come from, an https URL. Default: where the service is.")),
    clientId: exactOptional(text("The client id, if the credential does not bring it.")),
    scopes,
    leewayMs: exactOptional(
      pipe(
        number(),
        integer(),
        minValue(0),
        maxValue(86_400_000),
        description("A token with less left is renewed, in milliseconds. Default 500000."),
      ),
    ),
    timeoutMs,
  }),
]);

const store = variant("type", [
  strictObject({
    type: literal("token-file"),
    path: exactOptional(
      text("An absolute path, or ~/ and the rest. Default: where this system keeps a user's state."),
    ),
  }),
  strictObject({
    type: literal("keychain"),
    service: exactOptional(text("What the entries are kept under. Default auth.")),
  }),
  strictObject({ type: literal("memory") }),
  strictObject({
    type: literal("shared"),
    path: exactOptional(
      text("An absolute path, or ~/ and the rest. Default: where the service's own tools have it."),
    ),
  }),
]);

const ms = (about: string, most: number) =>
  pipe(number(), integer(), minValue(0), maxValue(most), description(about));
const command = strictObject({
  command: pipe(
    array(string()),
    minLength(1),
    description(
      "The program and its arguments. No shell reads it; the program is a whole path, or found on PATH.",
    ),
  ),
  format: exactOptional(
    pipe(picklist(["git", "docker", "kubectl"]), description("It is a credential helper of this kind.")),
  ),
  request: exactOptional(
    pipe(
      record(string(), string()),
      description("What the helper is asked: host for git, server for docker."),
    ),
  ),
  passEnv: exactOptional(list("Variables of yours that it gets, besides those that every program needs.")),
  env: exactOptional(pipe(record(string(), string()), description("Variables set for it. Not for secrets."))),
  cwd: exactOptional(text("Where it runs, an absolute path. Default: your home directory.")),
  interactive: exactOptional(pipe(boolean(), description("It may ask you. Then only `auth login` runs it."))),
  timeoutMs: exactOptional(ms("Longest time, in milliseconds. Default 30000.", 3_600_000)),
  ttlMs: exactOptional(
    ms("How long its answer is used if that does not say, in milliseconds. Default 300000.", 86_400_000),
  ),
});

/** One profile. */
export const profileSchema: GenericSchema<unknown, Profile> = strictObject({
  description: exactOptional(text("For people.")),
  grant: pipe(grant, description("How a credential becomes tokens.")),
  credentials: exactOptional(
    pipe(
      union([reference, pipe(array(reference), minLength(1))]),
      description(
        "Names of secrets, never secrets: env:ACME_TOKEN, file:/run/secrets/acme, prompt:Token. The first that has one wins. Default: `auth login` asks.",
      ),
    ),
  ),
  store: exactOptional(pipe(store, description("Where tokens are kept. Default: a token file."))),
  origins: exactOptional(list("Where the token may be sent: exact origins, https://api.example.com.")),
  allowInsecureOrigins: exactOptional(
    list("Origins that may be spoken to over http, for closed networks: http://host:port."),
  ),
});

/** The whole file; `config.schema.json` is made of it. */
export const configSchema: GenericSchema<unknown, Config> = strictObject({
  $schema: exactOptional(string()),
  defaultProfile: exactOptional(text("The profile that is used when none is named.")),
  profiles: pipe(
    record(pipe(string(), regex(profileName)), profileSchema),
    description("Logins by name: letters, digits, dots, dashes and underscores."),
  ),
  sources: exactOptional(
    pipe(
      record(pipe(string(), regex(foreignScheme)), pipe(string(), regex(packageName))),
      description(
        'Packages of others that read secrets, by the scheme of their references: { "vault": "auth-source-vault" }. They are installed beside the command, run as you, and see your secrets.',
      ),
    ),
  ),
  commands: exactOptional(
    pipe(
      record(pipe(string(), regex(profileName)), command),
      description("Programs that print a credential, by the name that exec:name has for them."),
    ),
  ),
});
