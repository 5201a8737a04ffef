import type { LogoutReport } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, profileArgument } from "../define.ts";
import { exitCode } from "../exit-code.ts";
import { table } from "../text.ts";

export const defineLogout: Define = (parent, context) => {
  parent
    .command("logout")
    .summary("delete every copy, and end the tokens at the server")
    .addArgument(profileArgument())
    .action((named) => logout(context, named));
};

async function logout(context: Context, named: string | undefined): Promise<void> {
  await using open = await context.open(await context.choose(named));
  const report = await open.auth.logout(context.until);
  const parts = [...report.parts];
  if (open.kept) {
    const outcome = (await open.kept.delete()) ? "done" : "nothing-there";
    parts.push({ part: `store ${open.store?.name}`, outcome });
  }
  const failed = parts.filter((each) => each.outcome === "failed");
  if (failed.length > 0)
    context.exitCode = failed.every(({ part }) => part === "revocation")
      ? exitCode.tryAgain
      : exitCode.storage;
  if (context.options.json) return context.json({ profile: open.name, complete: report.complete, parts });
  // This process is new: of course its memory has nothing.
  const rows = context
    .shown(parts)
    .filter(({ part }) => part !== "memory")
    .map(({ part, outcome, reason }) => [
      `  ${part}`,
      context.out[outcome === "failed" ? "bad" : outcome === "done" ? "good" : "dim"](words[outcome]),
      reason ?? "",
    ]);
  context.print(
    `${report.complete ? "Logged out of" : "Not everything worked, logging out of"} ${open.name}\n`,
  );
  context.print(table(rows));
}

const words: Readonly<Record<LogoutReport["parts"][number]["outcome"], string>> = {
  done: "done",
  "nothing-there": "nothing there",
  failed: "failed",
};
