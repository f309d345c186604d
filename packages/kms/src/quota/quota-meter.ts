/**
 * One account, Region and quota class, as this process sees it: calls wait here
 * for their turn.
 *
 * A turn comes from the process's own floor, or from a slot leased of the shared
 * quota. Those that go first are served first, also from slots leased for those
 * behind them. Without Redis there is the floor only: slow, not open; Redis is asked
 * again every half second for as long as somebody waits.
 */
import type { Clock } from "@dekhand/runtime";
import { byPriority, KMS_PRIORITIES, type KmsPriority } from "../kms-call.ts";
import { createClockOffset } from "./clock-offset.ts";
import { createLeasePool } from "./lease-pool.ts";
import { createLocalFloor } from "./local-floor.ts";
import type { Grant, SharedMeter } from "./shared-meter.ts";

export interface QuotaMeter {
  /** Resolves when a call may go. Rejects with the signal's reason, at once. */
  admit(priority: KmsPriority, signal: AbortSignal): Promise<void>;
  /** KMS has throttled a call. */
  throttled(): void;
  /** Takes effect at once, also for calls that wait. */
  setShare(share: MeterShare): void;
  status(): MeterStatus;
}

export interface MeterShare {
  /** Of the whole deployment, in calls a second. */
  readonly share: number;
  /** What of it is this process's own, in calls a second. */
  readonly floor: number;
  /** The part, 0 to 1, that campaigns may take of either. */
  readonly campaign: number;
}

export interface MeterStatus {
  /** `local`: only the process's own floor, because the shared quota cannot be reached or is not configured. */
  readonly mode: "shared" | "local";
  /** What the deployment may use, in calls a second. */
  readonly share: number;
  /** What campaigns may use of it at most, in calls a second. */
  readonly campaign: number;
  /** What it uses at most now: in mode `local`, what this process does. */
  readonly rate: number;
  /** Calls that wait for their turn here. */
  readonly waiting: Readonly<Record<KmsPriority, number>>;
}

/** Where slots come from, or why there are none. */
export interface SlotSource {
  readonly meter: SharedMeter;
  /** Whether asking makes sense now. */
  available(): boolean;
  /** How asking ended; a source that failed is not available for a while. */
  answered(error?: unknown): void;
}

/** Between two looks at a source that is not available, in milliseconds. */
const probeMs = 500;
/** The least time between two requests after one that got nothing, in milliseconds. */
const leastRetryMs = 5;

export function createQuotaMeter(source: SlotSource | undefined, clock: Pick<Clock, "monotonic">): QuotaMeter {
  const floor = createLocalFloor();
  const lines = byPriority(() => ({
    waiters: new Set<() => void>(),
    pool: createLeasePool(),
    asking: false,
    askAt: 0,
  }));
  const offset = createClockOffset();
  let share = 0;
  let campaignPart = 1;
  let rate = 0;
  let lastCut = 0;
  let timer: NodeJS.Timeout | undefined;

  /** From the floor, or the earliest slot of the class's own pool and of those behind it. */
  const takeTurn = (first: number, now: number): boolean => {
    if (floor.take(KMS_PRIORITIES[first] ?? "campaign", now)) return true;
    const pools = KMS_PRIORITIES.slice(first).map((priority) => lines[priority].pool);
    return pools.reduce((a, b) => (b.nextAt < a.nextAt ? b : a)).take(now);
  };

  const serve = (): void => {
    clearTimeout(timer);
    const now = clock.monotonic();
    for (const [index, priority] of KMS_PRIORITIES.entries()) {
      for (const go of lines[priority].waiters) {
        if (!takeTurn(index, now)) break;
        lines[priority].waiters.delete(go);
        go();
      }
    }
    for (const priority of KMS_PRIORITIES) refill(priority, now);
    const at = nextTurnAt(now);
    if (Number.isFinite(at)) timer = setTimeout(serve, Math.max(0, at - now));
  };

  /** When a turn may come, or the shared quota may be asked, for somebody who waits. */
  const nextTurnAt = (now: number): number => {
    let at = Number.POSITIVE_INFINITY;
    for (const [index, priority] of KMS_PRIORITIES.entries()) {
      if (lines[priority].waiters.size === 0) continue;
      at = Math.min(at, floor.nextAt(priority));
      for (const behind of KMS_PRIORITIES.slice(index)) at = Math.min(at, lines[behind].pool.nextAt);
      const { askAt } = lines[priority];
      if (askAt > now) at = Math.min(at, askAt);
    }
    return at;
  };

  const refill = (priority: KmsPriority, now: number): void => {
    const line = lines[priority];
    if (source === undefined || line.asking || now < line.askAt) return;
    if (!source.available()) {
      line.askAt = now + probeMs;
      return;
    }
    const want = line.pool.wants(line.waiters.size);
    if (want === 0) return;
    line.asking = true;
    source.meter.acquire(priority, want).then(
      (grant) => {
        line.asking = false;
        source.answered();
        accept(priority, grant);
        serve();
      },
      (error: unknown) => {
        line.asking = false;
        source.answered(error);
        serve();
      },
    );
  };

  const accept = (priority: KmsPriority, grant: Grant): void => {
    const now = clock.monotonic();
    learn(grant, now);
    const grantedAt = offset.toLocal(grant.now / 1_000, now);
    lines[priority].pool.add(
      grant.delaysMs.map((delay) => grantedAt + delay),
      now,
    );
    lines[priority].askAt = grant.delaysMs.length === 0 ? now + Math.max(leastRetryMs, grant.retryMs) : now;
  };

  /** Another worker's cut concerns what was leased before it. */
  const learn = (said: { readonly rate: number; readonly cutAt: number }, now: number): void => {
    rate = said.rate;
    floor.follow(share > 0 ? Math.min(1, rate / share) : 1, now);
    if (said.cutAt === lastCut) return;
    lastCut = said.cutAt;
    lines.replicate.pool.clear();
    lines.campaign.pool.clear();
  };

  const somebodyWaits = (): boolean => KMS_PRIORITIES.some((priority) => lines[priority].waiters.size > 0);

  return {
    async admit(priority, signal) {
      signal.throwIfAborted();
      const { waiters } = lines[priority];
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiters.add(resolve);
      const leave = () => {
        if (waiters.delete(resolve)) reject(signal.reason);
        if (!somebodyWaits()) clearTimeout(timer);
      };
      signal.addEventListener("abort", leave, { once: true });
      serve();
      try {
        await promise;
      } finally {
        signal.removeEventListener("abort", leave);
      }
    },
    throttled() {
      if (source?.available()) {
        source.meter.cut().then(
          (said) => {
            learn(said, clock.monotonic());
            serve();
          },
          (error: unknown) => {
            source.answered(error);
            floor.cut(clock.monotonic());
          },
        );
      } else {
        floor.cut(clock.monotonic());
      }
    },
    setShare({ share: perSecond, floor: own, campaign }) {
      share = perSecond;
      campaignPart = campaign;
      floor.setFull(own, campaign);
      rate = rate === 0 ? perSecond : Math.min(rate, perSecond);
      // When to ask again was said by what was the share before.
      for (const priority of KMS_PRIORITIES) lines[priority].askAt = 0;
      if (somebodyWaits()) serve();
    },
    status() {
      const shared = source?.available() ?? false;
      return {
        mode: shared ? "shared" : "local",
        share,
        campaign: share * campaignPart,
        rate: shared ? rate : floor.rate(clock.monotonic()),
        waiting: byPriority((priority) => lines[priority].waiters.size),
      };
    },
  };
}
