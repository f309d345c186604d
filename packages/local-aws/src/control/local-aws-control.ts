/** The control handle: what tests and drills do to the Regions, and what they read from them. */
import { LocalAwsError } from "../errors.ts";
import type { CallCounter, RegionCounts } from "../faults/call-counts.ts";
import {
  type CallFilter,
  CRYPTO_QUOTA,
  type CutMode,
  type ErrorInjection,
  type FaultDescription,
  isQuota,
  type RegionFaults,
} from "../faults/region-faults.ts";
import type { RegionEndpoint } from "../http/region-endpoint.ts";
import type { KmsStore } from "../kms/kms-store.ts";

export interface LocalAwsControl {
  /** Cuts a Region off or restores it. `mode` defaults to `reset`: connections are destroyed. */
  cutOff(region: string, on: boolean, options?: { mode?: CutMode }): void;
  /** Delays matching calls by `ms`; 0 takes the delay away. A rule for an operation outweighs one for its service. */
  setLatency(region: string, ms: number, filter?: CallFilter): void;
  /**
   * Limits KMS calls a second with a burst of one second's worth. `quota` is `crypto`, the one that all symmetric
   * cryptographic operations share, or the name of another KMS operation. `undefined` lifts the limit.
   */
  setQuota(region: string, quota: string, perSecond: number | undefined): void;
  injectErrors(region: string, injection: ErrorInjection): void;
  /** Ends cuts, latencies and injections, and sets quotas back to those of the start; everywhere without a Region. */
  clearFaults(region?: string): void;
  /** What is in force, by Region. */
  faults(): Record<string, FaultDescription>;
  callCounts(): Record<string, RegionCounts>;
  resetCounts(): void;
  /** Rotates a key's material as its schedule would, without waiting for it; `key` is an id or ARN. */
  rotateKey(region: string, key: string): Promise<void>;
  /** Ends a scheduled deletion's waiting period, or deletes without one. */
  deleteKeyNow(region: string, key: string): Promise<void>;
}

export interface ControlledRegion {
  readonly faults: RegionFaults;
  readonly counter: CallCounter;
  readonly endpoint: RegionEndpoint;
}

export function createControl(regions: ReadonlyMap<string, ControlledRegion>, kms: KmsStore): LocalAwsControl {
  function of(region: string): ControlledRegion {
    const found = regions.get(region);
    if (!found) throw new LocalAwsError("LOCAL_AWS_REGION_UNKNOWN", "this Region is not served here");
    return found;
  }
  function keyOf(region: string, name: string) {
    of(region);
    const key = kms.key(region, name.slice(name.lastIndexOf("/") + 1));
    if (!key) throw new LocalAwsError("LOCAL_AWS_KEY_UNKNOWN", "no such key in this Region", { context: { region } });
    return key;
  }
  const byRegion = <T>(read: (region: ControlledRegion) => T): Record<string, T> =>
    Object.fromEntries([...regions].map(([name, region]) => [name, read(region)]));

  return {
    cutOff(region, on, { mode = "reset" } = {}) {
      of(region).endpoint.cut(on ? mode : undefined);
    },
    setLatency(region, ms, filter = {}) {
      requireNumber("ms", ms);
      of(region).faults.setLatency(ms, filter);
    },
    setQuota(region, quota, perSecond) {
      if (!isQuota(quota)) throw invalid(`quota has to be ${CRYPTO_QUOTA}, or a KMS operation that is not part of it`);
      if (perSecond !== undefined) requireNumber("perSecond", perSecond);
      of(region).faults.setQuota(quota, perSecond);
    },
    injectErrors(region, injection) {
      requireInjection(injection);
      of(region).faults.inject(injection);
    },
    clearFaults(region) {
      for (const { endpoint, faults } of region === undefined ? regions.values() : [of(region)]) {
        endpoint.cut(undefined);
        faults.clear();
      }
    },
    faults: () => byRegion(({ faults }) => faults.describe()),
    callCounts: () => byRegion(({ counter }) => counter.counts()),
    resetCounts() {
      for (const { counter } of regions.values()) counter.reset();
    },
    async rotateKey(region, name) {
      kms.rotate(keyOf(region, name).family, "AUTOMATIC");
      await kms.changed();
    },
    async deleteKeyNow(region, name) {
      const key = keyOf(region, name);
      kms.deleteNow(key);
      kms.settle(key.family);
      await kms.changed();
    },
  };
}

function requireInjection({ errorName, drop, rate, count, status }: ErrorInjection): void {
  if (errorName === undefined && !drop) throw invalid("an injection needs an errorName, or drop");
  if (rate !== undefined && !(rate >= 0 && rate <= 1)) throw invalid("rate has to be between 0 and 1");
  if (count !== undefined && !(Number.isInteger(count) && count > 0))
    throw invalid("count has to be a whole number above 0");
  if (status !== undefined && !(Number.isInteger(status) && status >= 400 && status < 600)) {
    throw invalid("status has to be between 400 and 599");
  }
}

function requireNumber(name: string, value: number): void {
  if (!Number.isFinite(value) || value < 0) throw invalid(`${name} has to be a number, 0 or above`);
}

export function invalid(message: string): LocalAwsError {
  return new LocalAwsError("LOCAL_AWS_OPTION_INVALID", message);
}
