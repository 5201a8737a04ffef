import type { System } from "./system.ts";
import { failedWith } from "./to-auth-error.ts";

/**
 * Gives a file of ours, which has just been made, a second name beside the first. A file system without hard links says that
 * this is forbidden, or makes no sense: nothing else can be the reason there, and it is said as what it is (`ENOTSUP`).
 */
export async function hardLink({ fs, platform }: System, from: string, to: string): Promise<void> {
  try {
    await fs.link(from, to);
  } catch (error) {
    // What FAT says. On Windows that comes and goes with virus scanners, and FAT says something else.
    if (!failedWith(error, ...(platform === "win32" ? ["EISDIR"] : ["EPERM"]))) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error(`no hard links: ${code}`, { cause: error }), { code: "ENOTSUP" });
  }
}
