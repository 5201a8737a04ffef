import type { LogoutReport } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, profileArgument } from "../define.ts";
import { exitCode } from "../exit-code.ts";
import { cleaned, table } from "../text.ts";

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
  const parts = [...cleaned(report.parts)];
  if (open.kept) {
    const outcome = (await open.kept.delete()) ? "done" : "nothing-there";
    parts.push({ part: `store ${open.store?.name}`, outcome });
  }
  if (!report.complete) context.exitCode = exitCode.storage;
  if (context.options.json) return context.json({ profile: open.name, complete: report.complete, parts });
  // This process is new: of course its memory has nothing.
  const rows = parts
    .filter(({ part }) => part !== "memory")
    .map(({ part, outcome, reason }) => [
      `  ${part}`,
      context.out[outcome === "failed" ? "bad" : outcome === "done" ? "good" : "dim"](words[outcome]),
      reason ?? "",
    ]);
  context.show(
    `${report.complete ? "Logged out of" : "Not everything worked, logging out of"} ${open.name}\n`,
  );
  context.show(table(rows));
}

const words: Readonly<Record<LogoutReport["parts"][number]["outcome"], string>> = {
  done: "done",
  "nothing-there": "nothing there",
  failed: "failed",
};
