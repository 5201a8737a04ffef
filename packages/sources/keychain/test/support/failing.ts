import { isAuthError } from "@auth/core";

/** What a promise fails with, in the parts that tests look at. */
export function failing(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error: unknown) => {
      if (!isAuthError(error)) return error;
      const { code, reason, message } = error;
      return { code, reason, message };
    },
  );
}
