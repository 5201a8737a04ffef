import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { runServer } from "verdaccio";
import { run } from "../run.ts";

export interface Registry extends AsyncDisposable {
  /** What npm and pnpm need to be told to use it, and nothing of the user's own configuration. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A registry on loopback that lives in `folder`. Packages of `scope` are those published to it, and no others: the
 * public ones of the same name are somebody else's. The rest comes from the registry that npm is set to.
 */
export async function startRegistry(folder: string, scope: string): Promise<Registry> {
  const upstream = (await run("npm", ["config", "get", "registry"])).trim();
  const server = (await runServer({
    self_path: folder,
    storage: join(folder, "storage"),
    uplinks: { upstream: { url: upstream } },
    packages: {
      [`${scope}/*`]: { access: "$all", publish: "$all" },
      "**": { access: "$all", proxy: "upstream" },
    },
    auth: { htpasswd: { file: join(folder, "htpasswd"), max_users: -1 } },
    web: { enable: false },
    log: { type: "stdout", level: "fatal" },
  })) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const npmrc = join(folder, "npmrc");
  // Any token will do; npm does not publish without one.
  writeFileSync(npmrc, `registry=http://${host}/\n//${host}/:_authToken=local\naudit=false\nfund=false\n`);
  return {
    env: {
      ...withoutNpm(process.env),
      npm_config_userconfig: npmrc,
      npm_config_registry: `http://${host}/`,
      npm_config_cache: join(folder, "cache"),
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The environment without what pnpm and npm tell their scripts, since it speaks of the other registry. */
export function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(npm_|pnpm_)/i.test(name)));
}
