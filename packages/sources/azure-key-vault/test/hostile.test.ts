import { describe, expect, test } from "vitest";
import { type FromAzureKeyVaultOptions, fromAzureKeyVault } from "../src/index.ts";
import { freshProvider } from "./support/fresh.ts";
import { overPauses } from "./support/over-pauses.ts";
import { refusal, type VaultFault } from "./support/vault-double.ts";
import { failing, theVault } from "./support/world.ts";

const world = theVault();
const fresh = (options?: Partial<FromAzureKeyVaultOptions>) => freshProvider(world.vault, options);
const html = { "content-type": "text/html; charset=utf-8" };
const about = '"id":"https://acme/secrets/acme/1"';

test.each<[what: string, fault: VaultFault]>([
  [
    "a value that is there twice",
    { status: 200, body: `{"value":"one","value":"two",${about},"attributes":{}}` },
  ],
  [
    "a value that is there twice, spelled differently",
    { status: 200, body: `{"value":"one","v\\u0061lue":"two",${about},"attributes":{}}` },
  ],
  [
    "__proto__",
    { status: 200, body: `{"value":"one",${about},"attributes":{"__proto__":{"enabled":false}}}` },
  ],
  [
    "a thousand levels",
    {
      status: 200,
      body: `{"value":"one",${about},"attributes":${'{"a":'.repeat(1_000)}1${"}".repeat(1_000)}}`,
    },
  ],
  ["no attributes", { status: 200, body: `{"value":"one",${about}}` }],
  ["attributes that are none", { status: 200, body: `{"value":"one",${about},"attributes":7}` }],
  [
    "a page that says 404, as of a proxy's or another site's",
    { status: 404, body: "<h1>404</h1>", headers: html },
  ],
])("SEC-13 SEC-30 %s is no answer of a vault", async (_what, fault) => {
  const { value, vault, reads } = fresh();
  vault.fault(fault);
  expect(await failing(value())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "malformed-response" });
  expect(reads()).toBe(1);
});

test("SEC-23 a redirect names where to, and nothing more", async () => {
  const { value, vault } = fresh();
  const to = { location: "https://user:hunter2@login.example/secrets/acme?token=hunter2" };
  vault.fault({ status: 302, body: "", headers: to });
  const { message } = await failing(value());
  expect(message).toMatch(/redirects to https:\/\/login\.example, /);
  expect(message).not.toContain("hunter2");
});

test.each(["billing.vault.azure.net:99999", "https://billing.vault.azure.net:65536/"])(
  "%s has a port that there is not",
  (vault) => {
    expect(() => fromAzureKeyVault({ vault, secret: "acme" })).toThrow(TypeError);
    const secret = `https://${vault.replace(/^https:|\//g, "")}/secrets/acme`;
    expect(() => fromAzureKeyVault({ secret })).toThrow(TypeError);
  },
);

describe("an outage", () => {
  test("a listener that throws does not end what is served", async () => {
    const { value, vault, clock, reads } = fresh({
      onWarning: () => {
        throw new Error("the listener's own");
      },
    });
    await value();
    vault.fault(refusal(503, "Unavailable"));
    await clock.advance(300_000);
    expect([await value(), await value(), reads()]).toEqual(["first", "first", 2]);
  });

  test("is told of once, whatever the ids of its requests", async () => {
    const { value, vault, clock, warnings } = fresh();
    await value();
    for (const id of ["11111111", "22222222"]) {
      vault.fault({
        ...refusal(503, "Unavailable"),
        headers: { "x-ms-request-id": `${id}-0000-0000-0000-000000000000` },
      });
      await clock.advance(300_000);
      expect(await value()).toBe("first");
    }
    expect(warnings.map(({ reason }) => reason)).toEqual(["serving-stale"]);
  });

  test("costs attempts again once there is nothing left to serve", async () => {
    const { value, vault, secret, clock, reads } = fresh();
    vault.add(secret, "short", { attributes: { exp: Math.floor(clock.now() / 1_000) + 10 } });
    expect(await value()).toBe("short");
    vault.add(secret, "next");
    await clock.advance(10_000);
    vault.fault(refusal(503, "Unavailable"), 2);
    expect([await value(), reads()]).toEqual(["next", 4]);
  });
});

test("having been disposed is no word of the vault's", async () => {
  const { provider, vault, value, clock } = fresh();
  await value();
  vault.fault("hang");
  const outcome = failing(provider.get({ forceRefresh: true }));
  await clock.sleeping();
  await provider[Symbol.asyncDispose]?.();
  expect(await outcome).toMatchObject({ reason: "disposed" });
  vault.fault(refusal(503, "Unavailable"));
  expect(await failing(overPauses(clock, provider.get()))).toMatchObject({ reason: "server-error" });
});
