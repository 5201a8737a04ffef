import { AccessToken } from "@auth/core";
import { describe, expect, test } from "vitest";
import { type Identity, identityOf } from "../src/index.ts";
import { jwt } from "./support/jwt.ts";
import { failure, pair, world } from "./support/world.ts";

const of = (claims: Readonly<Record<string, unknown>>): Identity => identityOf(new AccessToken(jwt(claims)));

describe("descarteslabs 33 the namespace", () => {
  test.each([
    [{ userid: "1234", sub: "asdf" }, "1234"],
    [{ earthdaily__dl__userid: "1234", sub: "asdf" }, "1234"],
    [{ userid: "", sub: "asdf" }, "3da541559918a808c2402bba5012f6c60b27661c"],
    [{ sub: "asdf" }, "3da541559918a808c2402bba5012f6c60b27661c"],
    [{ sub: "é|1" }, "66550f4bfd52a65ad11e45e1523a4e93b667d83b"],
  ])("of %j", (claims, namespace) => {
    expect(of(claims).namespace).toBe(namespace);
  });
});

test("descarteslabs 34 claims of the service lose their prefix, and win", () => {
  const { payload } = of({ earthdaily__dl__org: "Org", org: "other", sub: "s", name: "N" });
  expect(payload).toEqual({ org: "Org", sub: "s", name: "N" });
});

describe("descarteslabs 35 the subjects of access lists", () => {
  const user = "user:20c90de9751087eb65e1c28674271ee417a7db03";

  test("in this order", () => {
    const groups = ["public", "some-org:baz", "other:baz", "some-org:org-admin", "x:resource-admin", "a:b:c"];
    const found = of({ sub: "some|user", org: "some-org", email: "Me@X.com", groups });
    const all = [
      user,
      "email:me@x.com",
      "org:some-org",
      "group:public",
      "group:some-org:baz",
      "group:some-org:org-admin",
    ];
    expect(found.allAclSubjects).toEqual(all);
    expect(found.allOwnerAclSubjects).toEqual([user, "org:some-org", "access-id:x"]);
    expect(found.allAclSubjectsAsSet).toEqual(new Set(all));
    expect(found.allOwnerAclSubjectsAsSet).toEqual(new Set([user, "org:some-org", "access-id:x"]));
  });

  test("without an organization", () => {
    const { allAclSubjects, allOwnerAclSubjects } = of({
      sub: "some|user",
      groups: ["a:b", ":b", ":org-admin"],
    });
    expect(allAclSubjects).toEqual([user]);
    expect(allOwnerAclSubjects).toEqual([user]);
  });

  test("neither sorted nor made distinct, whatever the case", () => {
    const { allAclSubjects } = of({
      sub: "some|user",
      org: "Org",
      groups: ["Z", "a", "Z", "Org:b", "org:b", "Organ:b"],
    });
    expect(allAclSubjects).toEqual([user, "org:Org", "group:Z", "group:a", "group:Z", "group:Org:b"]);
  });

  test.each([undefined, "public", { 0: "public" }, [1, null, ["x"]]])(
    "groups that are none: %j",
    (groups) => {
      expect(of({ sub: "some|user", groups, email: 1, org: {} }).allAclSubjects).toEqual([user]);
    },
  );
});

test("descarteslabs 36 payload, namespace and subjects change together with the token", async () => {
  const { open, server } = await world();
  const auth = open(pair);
  server.claims = { userid: "u1", email: "a@x", groups: ["g1", "o1:org-admin"] };
  const first = identityOf(await auth.getToken());
  server.claims = { userid: "u2", email: "b@x", groups: ["g2", "o2:org-admin"] };
  const second = identityOf(await auth.getToken({ forceRefresh: true }));
  expect([first.namespace, second.namespace]).toEqual(["u1", "u2"]);
  expect([first.payload["email"], second.payload["email"]]).toEqual(["a@x", "b@x"]);
  expect(second.allAclSubjects).toEqual(["user:u2", "email:b@x", "group:g2"]);
  expect(second.allOwnerAclSubjects).toEqual(["user:u2", "org:o2"]);
});

test("the payload is the caller's to change", () => {
  const token = new AccessToken(jwt({ sub: "s" }));
  identityOf(token).payload["sub"] = "t";
  expect(identityOf(token).payload).toEqual({ sub: "s" });
});

test.each(["opaque", "a.b.c", jwt({}), jwt({ sub: 1 })])(
  "SEC-3 a token that says of nobody: %s",
  async (text) => {
    const work = (async () => identityOf(new AccessToken(text)))();
    expect(await failure(work)).toBe("INVALID/malformed-token");
    expect(String(await work.catch((error: unknown) => error))).not.toContain(text);
  },
);
