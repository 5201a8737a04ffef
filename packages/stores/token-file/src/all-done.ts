/**
 * Like `Promise.all`, but lets everything come to its end before it fails: a file must not be closed while something is being
 * done to it, since its number may be another file's by then.
 */
export async function allDone<T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
