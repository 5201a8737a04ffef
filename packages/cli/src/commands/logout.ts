import { type LogoutReport, toAuthError } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, profileArgument } from "../define.ts";
import { exitCode } from "../exit-code.ts";
import { table, wrap } from "../text.ts";
import { fromNow } from "../when.ts";

export const defineLogout: Define = (parent, context) => {
  parent
    .command("logout")
    .summary("delete every copy, and end the tokens at the server")
    .addArgument(profileArgument())
    .action((named) => logout(context, named));
};

type Part = LogoutReport["parts"][number];

async function logout(context: Context, named: string | undefined): Promise<void> {
  await using open = await context.open(await context.choose(named), { unattended: true });
  const { auth, kept, name, store } = open;
  const { token } = await auth.status();
  const report = await auth.logout(context.until);
  const parts = [
    ...report.parts,
    ...(kept ? [await attempt(`store ${store?.name}`, () => kept.delete())] : []),
  ];
  const failed = parts.filter((each) => each.outcome === "failed" && !isImpossible(each));
  if (failed.length > 0)
    context.exitCode = failed.every(({ part }) => part === "revocation")
      ? exitCode.tryAgain
      : exitCode.storage;
  if (context.options.json) {
    const complete = parts.every(({ outcome }) => outcome !== "failed");
    return context.json({ profile: name, complete, parts });
  }
  const { out } = context;
  // This process is new: of course its memory has nothing.
  const rows = context
    .shown(parts)
    .filter(({ part }) => part !== "memory")
    .map((each) => {
      const { part, outcome, reason = "" } = each;
      if (isImpossible(each)) return [`  ${part}`, out.warn("not possible"), ""];
      const paint = out[outcome === "failed" ? "bad" : outcome === "done" ? "good" : "dim"];
      return [`  ${part}`, paint(words[outcome]), reason];
    });
  context.print(
    `${failed.length === 0 ? "Logged out of" : "Not everything worked, logging out of"} ${name}\n`,
  );
  context.print(table(rows));
  const unrevoked = parts.find(({ part, outcome }) => part === "revocation" && outcome === "failed");
  if (unrevoked) {
    const why = isImpossible(unrevoked) ? `${impossible[unrevoked.reason ?? ""]} ` : "";
    const end = token?.expiresAt ? `, ${fromNow(token.expiresAt, Date.now())}` : "";
    const still = `${why}At the server the token stays good until it expires${end}.`;
    context.print(`  ${out.dim(wrap(still, out.columns, 2))}\n`);
  }
}

/** Like the parts of an `Auth`'s logout. */
async function attempt(part: string, work: () => Promise<boolean>): Promise<Part> {
  try {
    return { part, outcome: (await work()) ? "done" : "nothing-there" };
  } catch (thrown) {
    return { part, outcome: "failed", reason: toAuthError(thrown, part).reason };
  }
}

const words: Readonly<Record<Part["outcome"], string>> = {
  done: "done",
  "nothing-there": "nothing there",
  failed: "failed",
};

/** Why tokens cannot be revoked, however often it is tried: no failure of this logout, and no success either (SEC-67). */
const impossible: Readonly<Record<string, string>> = {
  "no-credential": "To revoke takes the credential, which no source has.",
  "client-secret-missing": "To revoke takes the client's secret, which no source has.",
  "no-revocation-endpoint": "The server revokes nothing.",
};

function isImpossible({ part, outcome, reason = "" }: Part): boolean {
  return part === "revocation" && outcome === "failed" && Object.hasOwn(impossible, reason);
}
