import type { PasswordCredential, RefreshTokenCredential } from "@auth/core";
import { Secret } from "@auth/core";
import { decodeText } from "./decode-text.ts";
import { asked, type HelperFormat } from "./helper-format.ts";
import { jsonAnswer, text } from "./json-answer.ts";
import { failed, malformed, noSecret, problem } from "./problem.ts";

export interface DockerRequest {
  /** The registry as the helper knows it: `registry.example.com`, `https://index.docker.io/v1/`. */
  readonly server: string;
}

/** What helpers print, on standard output, when they have nothing: clients compare the text. */
const notFound = "credentials not found in native keychain";

/**
 * Docker's `docker-credential-…` programs: `get`, with the server on standard input. A user name and its password; where
 * the user name is `<token>`, an identity token, which is a refresh token.
 *
 * An answer for another host is refused. Errors: `NOT_FOUND/no-secret` for the protocol's own words, and for an answer whose
 * fields are all empty; `INVALID` with
 * `/helper-failed`, `/payload-malformed`, `/half-credential` or `/host-mismatch`.
 * Source: github.com/docker/docker-credential-helpers.
 *
 * @example
 * ```ts
 * const request = { server: "https://registry.example.com" };
 * const login = fromCommand({ command: ["docker-credential-pass"], format: dockerHelper, request });
 * ```
 */
export const dockerHelper: HelperFormat<PasswordCredential | RefreshTokenCredential, DockerRequest> = {
  name: "docker",
  ask(request) {
    const { server } = asked(request);
    if (typeof server !== "string" || hostOf(server) === "" || /[\p{Cc}\s@]/u.test(server))
      throw new TypeError(
        "dockerHelper: `server` is the name or URL of a registry, without user information",
      );
    return { args: ["get"], stdin: server };
  },
  read({ exitCode, stdout }, { server }, context) {
    if (exitCode !== 0) {
      // Errors are on standard output too.
      if (decodeText(stdout, context).trim() === notFound) throw noSecret(context);
      throw failed(context, exitCode);
    }
    const fields = jsonAnswer(stdout, context);
    const answered = text(fields, "ServerURL", context); // some leave it out
    if (answered !== undefined && hostOf(answered) !== hostOf(server))
      throw problem("INVALID", "host-mismatch", context, "answers for another server than it was asked for.");
    if (!fields.has("Username") && !fields.has("Secret"))
      throw malformed(context, 'has neither "Username" nor "Secret"');
    const username = text(fields, "Username", context);
    const secret = text(fields, "Secret", context);
    if (username === undefined && secret === undefined) throw noSecret(context); // so says docker-credential-pass
    if (username === undefined || secret === undefined)
      throw problem(
        "INVALID",
        "half-credential",
        context,
        `the answer has no "${username === undefined ? "Username" : "Secret"}". Log in to the registry again.`,
      );
    const { source } = context;
    if (username === "<token>")
      return Object.freeze({ type: "refresh-token", refreshToken: new Secret(secret), source });
    return Object.freeze({
      type: "password",
      username,
      password: new Secret(secret),
      source,
      account: username,
    });
  },
};

/** Servers are spelled with and without scheme, slash and path; the host and its port decide. */
function hostOf(server: string): string {
  return (server.replace(/^https?:\/\//i, "").split("/", 1)[0] ?? "").toLowerCase();
}
