import { AsyncLocalStorage } from "node:async_hooks";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { hour, world } from "../support/world.ts";

const run = promisify(execFile);

test("SEC-66 a call that nobody waits for any more does not keep the process alive", async () => {
  const program = `
    import { createAuth } from "@auth/core";
    const grant = { name: "acme", partition: () => "acme", exchange: () => new Promise(() => {}) };
    const auth = createAuth({ grant, policy: { timeoutMs: 3_600_000 } });
    const leaving = new AbortController();
    const call = auth.getToken({ signal: leaving.signal }).catch((reason) => console.log(reason));
    setTimeout(() => leaving.abort("left"), 50);
    await call;
  `;
  const { stdout } = await run(
    process.execPath,
    ["--conditions=src", "--input-type=module", "--eval", program],
    { cwd: import.meta.dirname, timeout: 30_000 },
  );
  expect(stdout).toBe("left\n"); // and it has ended, an hour ahead of the time limit
});

test("one who leaves does not take the time limit from those who stay", async () => {
  const here = world();
  here.server.before = () => new Promise(() => {});
  const auth = here.auth();
  const leaving = new AbortController();
  const gone = auth.getToken({ signal: leaving.signal }).catch(() => "left");
  const staying = auth.getToken({ signal: new AbortController().signal }).catch((error) => error.reason);
  await here.clock.sleeping();
  leaving.abort();
  expect(await gone).toBe("left");
  await here.clock.advance(60_000);
  expect(await staying).toBe("timeout");
});

test("renewWhenIdle belongs to whoever made the Auth, and holds no context of a request", async () => {
  const here = world();
  const requests = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  here.server.before = () => void seen.push(requests.getStore());
  const auth = here.auth({ policy: { renewWhenIdle: true, settledAfterMs: 0 } });
  await requests.run("first request", () => auth.getToken());
  await here.clock.advance(hour - 60_000);
  expect(seen).toEqual(["first request", undefined]);
});

test("SEC-67 a login after a logout that nobody awaited is kept", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  const out = auth.logout();
  const token = await auth.login();
  expect(await out).toMatchObject({ complete: true });
  expect(await auth.getToken()).toBe(token);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-3");
});

test("a policy member that is undefined has its default", async () => {
  const here = world();
  here.server.before = () => new Promise(() => {});
  const policy = { timeoutMs: undefined } as unknown as { timeoutMs: number };
  const call = here
    .auth({ policy })
    .getToken()
    .catch((error) => error.message);
  await here.clock.sleeping();
  await here.clock.advance(60_000);
  expect(await call).toContain("60000 ms");
});
