/**
 * One meter of the shared quota, as a worker speaks to it: the typed side of
 * quota-script.ts. It keeps nothing; the state is in Redis.
 */
import { KMS_PRIORITIES, type KmsPriority } from "../kms-call.ts";
import { acquireScript, cutScript } from "./quota-script.ts";
import { createScript, type ScriptHost } from "./run-script.ts";

/** What a fleet agrees on: every worker has it from the same configuration. */
export interface SharedMeterSettings {
  /** What the whole deployment may use, in calls a second; the rate never rises above it. */
  readonly share: number;
  /** Part of the share that is not handed out here: the workers' local floors. */
  readonly floor: number;
  /** Part of the rest that only interactive calls may take. */
  readonly reserve: number;
  /** Part of the rest that campaigns may take at most. */
  readonly campaign: number;
}

export interface Grant {
  /** When each call may go, in milliseconds from `now`. Ascending; fewer than wanted where there are no more. */
  readonly delaysMs: readonly number[];
  /** The fleet's rate now, in calls a second, floors included. */
  readonly rate: number;
  /** When the rate was last cut, on Redis's clock in microseconds; 0: never. */
  readonly cutAt: number;
  /** With no slot: when to ask again, in milliseconds. */
  readonly retryMs: number;
  /** Redis's clock in microseconds. */
  readonly now: number;
}

export interface SharedMeter {
  /** Up to `want` slots. Throws what Redis fails with. */
  acquire(priority: KmsPriority, want: number): Promise<Grant>;
  /** KMS has throttled a call: slows the fleet down, at most once in COOLDOWN_MS. */
  cut(): Promise<{ readonly rate: number; readonly cutAt: number }>;
}

export interface SharedMeterOptions {
  readonly redis: ScriptHost;
  readonly key: string;
  readonly settings: () => SharedMeterSettings;
  /** Identifies the server, so that one without what was leased from another is known. */
  readonly serverId: () => string;
  /** Redis's clock in microseconds, where a test moves it. Default: the server's own. */
  readonly now?: () => number;
}

/** Part of the share by which the rate rises in a second. */
export const RAISE_PER_SECOND = 0.05;
/** What the rate is multiplied by when KMS throttles. */
export const CUT_FACTOR = 0.5;
export const COOLDOWN_MS = 300;
/** Part of the share that the rate is never cut below: somebody has to find out that it is over. */
export const LEAST_RATE = 0.01;
/**
 * How far ahead each class may lease, in milliseconds. Where a class that goes first is short of slots, it outbids those
 * behind it in their own lanes after their time.
 */
export const AHEAD_MS: Readonly<Record<KmsPriority, number>> = { interactive: 400, replicate: 250, campaign: 150 };

const acquire = createScript(acquireScript);
const cut = createScript(cutScript);

export function createSharedMeter({ redis, key, settings, serverId, now }: SharedMeterOptions): SharedMeter {
  const common = ({ share }: SharedMeterSettings) => [
    serverId(),
    now === undefined ? "" : String(now()),
    share,
    RAISE_PER_SECOND,
    AHEAD_MS.interactive * 1_000,
  ];
  return {
    async acquire(priority, want) {
      const current = settings();
      const { floor, reserve, campaign } = current;
      const handedOut = 1 - floor;
      const lanes = [reserve, Math.max(0, 1 - reserve - campaign), campaign].map((part) => part * handedOut);
      const lane = KMS_PRIORITIES.indexOf(priority) + 1;
      const args = [...common(current), ...lanes, lane, want, AHEAD_MS[priority] * 1_000];
      return readGrant(await acquire.run(redis, key, args));
    },
    async cut() {
      const args = [...common(settings()), CUT_FACTOR, LEAST_RATE, COOLDOWN_MS * 1_000];
      const [rate, cutAt] = numbers(await cut.run(redis, key, args));
      if (rate === undefined || cutAt === undefined) throw unreadable();
      return { rate, cutAt };
    },
  };
}

function readGrant(answer: unknown): Grant {
  if (!Array.isArray(answer)) throw unreadable();
  const slots: unknown = answer[4];
  const [rate, cutAt, retry, now] = numbers(answer.slice(0, 4));
  if (rate === undefined || cutAt === undefined || retry === undefined || now === undefined) throw unreadable();
  return { delaysMs: numbers(slots).map((micros) => micros / 1_000), rate, cutAt, retryMs: retry / 1_000, now };
}

function numbers(list: unknown): number[] {
  if (!Array.isArray(list)) throw unreadable();
  return list.map((each: unknown) => {
    const number = Number(each);
    if (!Number.isFinite(number)) throw unreadable();
    return number;
  });
}

function unreadable(): Error {
  return new Error("the quota script's answer is not understood");
}
