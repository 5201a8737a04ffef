import { type Action, type AuthStatus, decodeRecord, type TokenRecord } from "@auth/core";
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

/** Whether what is stored renews the token without anybody's help. */
export async function canRefresh(open: OpenProfile): Promise<boolean> {
  const { tokens, dead } = (await loginOf(open)) ?? {};
  return tokens?.refreshToken !== undefined && !dead;
}

async function deadOf(open: OpenProfile, { key }: AuthStatus): Promise<Forecast["dead"]> {
  return (await loginOf(open, key))?.dead;
}

/** What is stored, unless it is only the mark of a logout. */
async function loginOf({ store, name }: OpenProfile, key: string = name): Promise<TokenRecord | undefined> {
  try {
    const stored = await store?.read(key);
    const record = stored && decodeRecord(stored.value);
    return record?.ended ? undefined : record;
  } catch {
    return undefined; // what is wrong with the store is reported as that
  }
}
