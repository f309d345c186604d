/** Milliseconds on the machine's monotonic clock, which all its processes share: points in time can be handed over. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
