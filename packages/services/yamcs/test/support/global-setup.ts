import type { TestProject } from "vitest/node";
import { type RealYamcs, realYamcs, yamcsInstalled } from "./real-yamcs.ts";
import { user } from "./yamcs-server.ts";

/** A service account of the real server: the server chooses its secret. */
export interface Service {
  readonly id: string;
  readonly secret: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the real server listens, and a service account in it; undefined where it is not installed. */
    readonly yamcs: { readonly url: string; readonly service: Service } | undefined;
  }
}

/** A user whose password is none of the simple ones. */
export const odd = { username: "odd", password: "p w+&=%ä" } as const;

let server: RealYamcs | undefined;

/** One server for all test files. */
export async function setup({ provide }: TestProject): Promise<void> {
  if (!yamcsInstalled) {
    console.warn(
      "SKIPPED: no test ran against the real Yamcs, as it is not installed; scripts/parts/yamcs.sh installs it.",
    );
    provide("yamcs", undefined);
    return;
  }
  server = await realYamcs();
  const { url } = server;
  const form = new URLSearchParams({ grant_type: "password", ...user }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const login = await fetch(`${url}/auth/token`, { method: "POST", headers, body: form });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const post = async (path: string, body: object): Promise<Record<string, string>> => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json",
    };
    const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, string>;
  };
  await post("/api/users", { name: odd.username, password: odd.password });
  await post("/api/users", { name: "operator", password: "operator" });
  // Of its secrets, take one that is changed by whoever decodes it without need.
  for (let i = 0; ; i++) {
    const { applicationId: id = "", applicationSecret: secret = "" } = await post("/api/service-accounts", {
      name: `robot-${i}`,
    });
    if (!/[+%]/.test(secret) && i < 100) continue;
    provide("yamcs", { url, service: { id, secret } });
    return;
  }
}

export async function teardown(): Promise<void> {
  await server?.[Symbol.asyncDispose]();
}
