import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { named } from "./transport.ts";

export interface TokenPlace {
  readonly tokenFile: string | URL | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where the agent's own installer puts it. */
const installed = "/var/run/awssmatoken";

/**
 * The token that the agent wants to see, looked up at each read: a restarted agent has a new one. The variables are those
 * that the agent takes it from itself, in its order; one that begins with `file://` names a file.
 */
export async function agentToken({ tokenFile, env }: TokenPlace): Promise<string> {
  const given = tokenFile === undefined ? env["AWS_TOKEN"]?.trim() || env["AWS_SESSION_TOKEN"]?.trim() : "";
  const token =
    given && !given.startsWith("file://") ? given : await contents(tokenFile ?? (given || installed));
  if (!/^[\x21-\x7e]{1,65536}$/.test(token)) throw named("AgentTokenMalformed"); // SEC-10
  return token;
}

async function contents(place: string | URL): Promise<string> {
  const path = place instanceof URL ? fileURLToPath(place) : place.replace(/^file:\/\//, "");
  try {
    const about = await stat(path);
    if (!about.isFile() || about.size > 65_538) throw named("AgentTokenMalformed");
    return (await readFile(path, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    const { code, name } = error as { readonly code?: string; readonly name?: string };
    if (name === "AgentTokenMalformed") throw error;
    throw named(code === "ENOENT" || code === "ENOTDIR" ? "AgentTokenMissing" : "AgentTokenUnreadable");
  }
}
