/**
 * For how long a job is handed back, in milliseconds, that only an operator can
 * help: 15 minutes, doubling with every delivery up to 6 hours, so that a
 * queue's allowed receives last for days.
 */
export function handBackMs(attempt: number): number {
  return Math.min(15 * 60_000 * 2 ** (attempt - 1), 6 * 3_600_000);
}
