import type { Clock, Stored } from "@auth/core";
import { isCorrupted, isTooLarge } from "./document-layout.ts";
import type { Layout } from "./layout.ts";
import type { Trust } from "./private-directory.ts";
import { openPrivateFile, type PrivateFile } from "./read-private-file.ts";
import type { System } from "./system.ts";

/** What there is under a path, as far as one login goes. */
export interface PresentFile {
  readonly file?: PrivateFile | undefined;
  /** What counts as its text. Not what lies there, if that is ours and has just hidden what another program wrote. */
  readonly text?: string | undefined;
  readonly found?: Stored | undefined;
  /** The file, or what it holds of this login, cannot be read. */
  readonly damage?: unknown;
  /** Something is there that cannot be read, and counts as nothing. */
  readonly scrap?: boolean;
}

/** Looks; the caller closes what was opened. Errors: all but damage, which is a finding. */
export async function lookAt(
  system: System,
  path: string,
  trust: Trust,
  layout: Layout,
  key: string,
): Promise<PresentFile> {
  const look = async (): Promise<PresentFile> => {
    let file: PrivateFile | undefined;
    try {
      file = await openPrivateFile(system, path, trust);
      return { file, ...judge(layout, file?.text, key) };
    } catch (error) {
      await file?.handle.close();
      return damaged(layout, error);
    }
  };
  return layout.foreign
    ? settled(system.clock, look, async ({ damage, file }) => {
        if (damage) await file?.handle.close();
        return !damage;
      })
    : look();
}

/** What a text says of a login. Errors: all but damage. */
export function judge(layout: Layout, text: string | undefined, key: string): PresentFile {
  try {
    return { text, found: text === undefined ? undefined : layout.find(text, key) };
  } catch (error) {
    return { ...(!layout.cache && { text }), ...damaged(layout, error) };
  }
}

function damaged(layout: Layout, error: unknown): PresentFile {
  if (layout.cache && (isTooLarge(error) || isCorrupted(error))) return { scrap: true };
  if (!isCorrupted(error)) throw error;
  return { damage: error };
}

const gaps = [10, 40, 100];

/** Another program may be in the middle of writing the file in place: looks again, for a moment, until it makes sense. */
export async function settled<T>(
  clock: Clock,
  look: () => Promise<T>,
  fits: (found: T) => Promise<boolean>,
): Promise<T> {
  for (const gap of gaps) {
    const found = await look();
    if (await fits(found)) return found;
    await clock.sleep(gap);
  }
  return look();
}
