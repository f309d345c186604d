import { sleep } from "@dekhand/runtime";

/** Of a drain's time: for handlers to finish, for aborted ones to settle, for handing back what is left. */
export function shares(ms: number): { handlersMs: number; graceMs: number; returnMs: number } {
  const graceMs = Math.min(1_000, ms * 0.15);
  const returnMs = Math.min(1_000, ms * 0.15);
  return { handlersMs: ms - graceMs - returnMs, graceMs, returnMs };
}

/** Whether `work` is done within the time. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController();
  const timeout = sleep(ms, { signal: late.signal }).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    late.abort();
  }
}
