/** Works while a person is shown something. If showing it fails, that ends the work; how long it takes is its own affair. */
export async function attended<T>(
  show: () => void | Promise<void>,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const end = new AbortController();
  const leave = (): void => end.abort(signal.reason);
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  const shown = async (): Promise<void> => show();
  shown().catch((error: unknown) => end.abort(error));
  try {
    return await work(end.signal);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
