import { type Action, type AuthStatus, decodeRecord } from "@auth/core";
import type { OpenProfile } from "./profile.ts";

/** What there is, and what lies ahead. */
export interface Forecast {
  readonly status: AuthStatus;
  /** When the next thing happens, at the earliest and at the latest: each process draws the instant between them by lot. */
  readonly from?: Date;
  readonly by?: Date;
  /** What it is. */
  readonly due?: Action;
  /** The server refused the refresh token that is stored. */
  readonly dead?: { readonly reason: string; readonly at: Date } | undefined;
}

const last = 1 - 2 ** -32;

/** Asks the rules that will decide, at other times and with other lots; the store is read, and nothing else. */
export async function foresee(open: OpenProfile): Promise<Forecast> {
  const { auth, clock } = open;
  const status = await auth.status();
  if (!clock || !status.token) return { status, dead: await deadOf(open, status) };
  const by = status.nextAt;
  clock.lot = last;
  const { nextAt: from } = await auth.status();
  clock.lot = 0;
  clock.aheadMs = by ? by.getTime() - clock.now() + 1 : 0;
  const { next: due } = await auth.status();
  clock.aheadMs = 0;
  return { status, ...(by && from && { from, by, due }), dead: await deadOf(open, status) };
}

async function deadOf({ store, name }: OpenProfile, { key = name }: AuthStatus): Promise<Forecast["dead"]> {
  try {
    const stored = await store?.read(key);
    const { dead, ended } = stored ? decodeRecord(stored.value) : {};
    return ended ? undefined : dead;
  } catch {
    return undefined; // what is wrong with the store is reported as that
  }
}
