/**
 * How Redis's clock maps to this process's monotonic one.
 *
 * An answer takes a while to be read, much longer where the process is held up. Of
 * the last answers, the one that was read soonest tells the offset best; so slots
 * stay where Redis put them, and late ones are known to be late.
 */
export interface ClockOffset {
  /** Redis's time `remoteMs` was read at `localMs`; answers what the local clock showed at the former, as far as is known. */
  toLocal(remoteMs: number, localMs: number): number;
}

const answersKept = 16;
/** No answer takes this long, in milliseconds: one of the clocks has been set. */
const jumpMs = 1_000;

export function createClockOffset(): ClockOffset {
  let offsets: number[] = [];
  return {
    toLocal(remoteMs, localMs) {
      const offset = localMs - remoteMs;
      if (Math.abs(offset - Math.min(...offsets)) > jumpMs) offsets = [];
      offsets = [...offsets.slice(1 - answersKept), offset];
      return remoteMs + Math.min(...offsets);
    },
  };
}
