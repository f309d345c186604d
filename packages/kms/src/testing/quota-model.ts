/**
 * What the quota script is meant to do, said once more and without Redis: three
 * lanes with a cursor each, times in microseconds.
 */
import { KMS_PRIORITIES, type KmsPriority } from "../kms-call.ts";
import { AHEAD_MS, COOLDOWN_MS, CUT_FACTOR, LEAST_RATE, RAISE_PER_SECOND } from "../quota/shared-meter.ts";

export interface ModelSettings {
  readonly share: number;
  readonly floor: number;
  readonly reserve: number;
  readonly campaign: number;
}

export interface QuotaModel {
  /** Slots as times on the model's clock. */
  acquire(now: number, server: string, priority: KmsPriority, want: number): number[];
  /** From the next `acquire` on. */
  setCampaign(part: number): void;
  cut(now: number, server: string): void;
  rate(): number;
}

export function createQuotaModel({ share, floor, reserve, campaign }: ModelSettings): QuotaModel {
  const partsFor = (own: number) => [reserve, Math.max(0, 1 - reserve - own), own].map((part) => part * (1 - floor));
  let parts = partsFor(campaign);
  let state:
    | { server: string; seen: number; rate: number; cutAt: number; lanes: number[]; parts: number[] | undefined }
    | undefined;

  function at(now: number, server: string) {
    const settled = now + AHEAD_MS.interactive * 1_000;
    state ??= { server, seen: now, rate: share, cutAt: 0, lanes: parts.map(() => settled), parts: undefined };
    const back = Math.max(0, state.seen - now);
    const known = state.server === server;
    const elapsed = Math.max(0, now - state.seen) / 1_000_000;
    state = {
      ...state,
      server,
      seen: now,
      rate: Math.min(share, state.rate + share * RAISE_PER_SECOND * elapsed),
      cutAt: state.cutAt - back,
      lanes: state.lanes.map((cursor) => Math.max(cursor - back, known ? now : settled)),
    };
    return state;
  }

  /** The same slots are taken of the lanes in sum: what those that fall have leased too much of, those that rise owe. */
  function change(current: ReturnType<typeof at>, was: readonly number[], now: number): void {
    const rise = (lane: number) => Math.max(0, (parts[lane] ?? 0) - (was[lane] ?? 0));
    const fall = (lane: number) => Math.max(0, (was[lane] ?? 0) - (parts[lane] ?? 0));
    const all = [0, 1, 2];
    const owed = all.reduce((sum, lane) => sum + fall(lane) * ((current.lanes[lane] ?? now) - now), 0);
    const risen = all.reduce((sum, lane) => sum + rise(lane), 0);
    for (const lane of all.filter((each) => rise(each) > 0)) {
      const tokens = ((current.lanes[lane] ?? now) - now) * (was[lane] ?? 0) + (owed * rise(lane)) / risen;
      current.lanes[lane] = now + tokens / (parts[lane] ?? Number.NaN);
    }
  }

  return {
    setCampaign(part) {
      parts = partsFor(part);
    },
    acquire(now, server, priority, want) {
      const known = state?.server === server;
      const current = at(now, server);
      if (known && current.parts !== undefined && current.parts !== parts) change(current, current.parts, now);
      current.parts = parts;
      const slots: number[] = [];
      for (let left = want; left > 0; left -= 1) {
        const usable = parts
          .map((part, lane) => ({ part, lane, slot: current.lanes[lane] ?? Number.NaN }))
          .filter(({ part, lane }) => lane >= KMS_PRIORITIES.indexOf(priority) && part > 0);
        const earliest = usable.toSorted((a, b) => a.slot - b.slot || a.lane - b.lane)[0];
        if (earliest === undefined || earliest.slot > now + AHEAD_MS[priority] * 1_000) break;
        slots.push(earliest.slot);
        current.lanes[earliest.lane] = earliest.slot + 1_000_000 / (current.rate * earliest.part);
      }
      return slots;
    },
    cut(now, server) {
      const current = at(now, server);
      if (now - current.cutAt < COOLDOWN_MS * 1_000) return;
      current.rate = Math.max(share * LEAST_RATE, current.rate * CUT_FACTOR);
      current.cutAt = now;
    },
    rate: () => state?.rate ?? share,
  };
}
