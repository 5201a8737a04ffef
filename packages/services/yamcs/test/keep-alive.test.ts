import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { forms, type World, world } from "./support/world.ts";

const lifetimeMs = 500_000;
const minute = 60_000;

/** Resolves with the next event of this type. */
function idle(here: World): { options: object; renewed: () => Promise<void> } {
  let wake = (): void => {};
  return {
    options: { policy: {}, onEvent: ({ type }: { type: string }) => type === "renewed" && wake() },
    renewed: () =>
      new Promise((resolve) => {
        wake = resolve;
        here.server.received.length = 0;
      }),
  };
}

test("yamcs 34 SEC-51 with nobody asking, the session is renewed before the token expires, until it is closed", async () => {
  const here = await world();
  const { auth, clock, server } = here;
  const { options, renewed } = idle(here);
  const one = auth(options);
  await one.getToken();
  for (let i = 0; i < 3; i++) {
    const next = renewed();
    await clock.advance(lifetimeMs * 0.4);
    await next;
    expect(forms(server).map(({ grant_type }) => grant_type)).toEqual(["refresh_token"]);
  }
  await one[Symbol.asyncDispose]();
  await clock.advance(10 * lifetimeMs);
  expect(server.received).toHaveLength(1);
  expect(clock.pending).toEqual([]);
});

test.each(["await auth[Symbol.asyncDispose]();", ""])(
  "yamcs 34 SEC-66 a process that keeps a session alive can exit: %s",
  async (close) => {
    const { server } = await world();
    const program = `
      import { createAuth, fixed, Secret } from "@auth/core";
      import { userAccount } from "@auth/yamcs";
      const credentials = fixed({ type: "password", username: "admin", password: new Secret("admin") });
      const auth = createAuth({ grant: userAccount({ url: "${server.url}" }), credentials });
      await auth.getToken();
      ${close}
      console.log("done");`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=src", "--no-warnings", "--input-type=module", "--eval", program],
      { cwd: import.meta.dirname, env: {} },
    );
    expect(stdout).toBe("done\n");
  },
);

test("yamcs 35 tokens of an hour are renewed within the half hour that a session lasts", async () => {
  const here = await world();
  const { auth, clock, server } = here;
  server.lifetimeS = 3_600;
  const { options, renewed } = idle(here);
  const one = auth(options);
  await one.getToken();
  for (let i = 0; i < 3; i++) {
    const next = renewed();
    await clock.advance(24 * minute);
    expect(server.received).toEqual([]);
    await clock.advance(minute);
    await next;
    expect(forms(server).map(({ grant_type }) => grant_type)).toEqual(["refresh_token"]);
  }
});

test("a session that has ended though its token is good: the password opens another one", async () => {
  const { auth, api, clock, server } = await world();
  server.lifetimeS = 3_600;
  const one = auth();
  await one.getToken();
  await clock.advance(59 * minute + 45_000);
  expect((await api(one)).status).toBe(200);
  expect(forms(server).map(({ grant_type }) => grant_type)).toEqual([
    "password",
    "refresh_token",
    "password",
  ]);
});
