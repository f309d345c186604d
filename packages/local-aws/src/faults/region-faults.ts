/**
 * What can go wrong in one Region, as it was asked for: cut off, slow,
 * throttled, failing. Consulted by the endpoint for each call; holds no timers
 * and no sockets.
 */
import { KMS_CRYPTO_OPERATIONS, KMS_OPERATIONS } from "../kms/kms-service.ts";
import { AwsFault } from "../service.ts";
import type { ServiceName } from "./call-counts.ts";
import { createTokenBucket, type TokenBucket } from "./token-bucket.ts";

/** `reset`: connections are destroyed, as by a host that is gone. `hang`: they stay open and nothing answers. */
export type CutMode = "reset" | "hang";

export interface CallFilter {
  readonly service?: ServiceName | undefined;
  /** All of the service's, when absent. */
  readonly operation?: string | undefined;
}

export interface ErrorInjection extends CallFilter {
  /** The error's name as the SDK shows it. Not needed with `drop`. */
  readonly errorName?: string | undefined;
  readonly message?: string | undefined;
  /** HTTP status; 400 when absent. */
  readonly status?: number | undefined;
  /** Share of the matching calls that fail, 0 to 1; 1 when absent. */
  readonly rate?: number | undefined;
  /** How many calls fail before the injection ends by itself; without end when absent. */
  readonly count?: number | undefined;
  /** `after`: the call takes effect, and fails only then. `before` when absent. */
  readonly when?: "before" | "after" | undefined;
  /** Destroy the connection instead of answering. */
  readonly drop?: boolean | undefined;
}

/** The quota that all symmetric cryptographic operations of KMS share. */
export const CRYPTO_QUOTA = "crypto";

/** Whether there is such a quota: a misspelt one would limit nothing. */
export function isQuota(name: string): boolean {
  return name === CRYPTO_QUOTA || (KMS_OPERATIONS.includes(name) && !KMS_CRYPTO_OPERATIONS.has(name));
}

export interface RegionFaults {
  cut: CutMode | undefined;
  /** Waiting time in milliseconds for a call. */
  latencyMs(service: ServiceName, operation: string): number;
  setLatency(ms: number, filter: CallFilter): void;
  setQuota(quota: string, perSecond: number | undefined): void;
  /** A ThrottlingException where KMS's quota is used up. Each call asked about counts. */
  throttle(service: ServiceName, operation: string): AwsFault | undefined;
  inject(injection: ErrorInjection): void;
  /** The injection that this call falls under, if any. Rolls the dice and counts. */
  strike(service: ServiceName, operation: string): ErrorInjection | undefined;
  clear(): void;
  describe(): FaultDescription;
}

export interface FaultDescription {
  readonly cut: CutMode | null;
  readonly latencies: readonly (CallFilter & { readonly ms: number })[];
  readonly quotas: Readonly<Record<string, number>>;
  readonly errors: readonly ErrorInjection[];
}

export interface RegionFaultsOptions {
  readonly random: () => number;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  /** Calls a second by quota: `crypto` or the name of a KMS operation. These survive clear(). */
  readonly quotas: Readonly<Record<string, number>>;
}

export function createRegionFaults({ random, clock, quotas }: RegionFaultsOptions): RegionFaults {
  const buckets = new Map<string, TokenBucket>();
  let latencies: (CallFilter & { ms: number })[] = [];
  let injections: { rule: ErrorInjection; left: number }[] = [];

  function setQuota(quota: string, perSecond: number | undefined): void {
    if (perSecond === undefined) buckets.delete(quota);
    else buckets.set(quota, createTokenBucket(perSecond, clock()));
  }
  function resetQuotas(): void {
    buckets.clear();
    for (const [quota, perSecond] of Object.entries(quotas)) setQuota(quota, perSecond);
  }
  resetQuotas();

  const faults: RegionFaults = {
    cut: undefined,
    latencyMs(service, operation) {
      let ms = 0;
      // The narrower rule wins, and among equals the later one: rules are kept in that order.
      for (const rule of latencies) if (matches(rule, service, operation)) ms = rule.ms;
      return ms;
    },
    setLatency(ms, filter) {
      latencies = latencies.filter((rule) => rule.service !== filter.service || rule.operation !== filter.operation);
      latencies.push({ ...filter, ms });
      latencies.sort((a, b) => narrowness(a) - narrowness(b));
    },
    setQuota,
    throttle(service, operation) {
      if (service !== "kms" || buckets.size === 0) return undefined;
      const quota = KMS_CRYPTO_OPERATIONS.has(operation) ? CRYPTO_QUOTA : operation;
      if (buckets.get(quota)?.take(clock()) ?? true) return undefined;
      return new AwsFault(
        "ThrottlingException",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
      );
    },
    inject(injection) {
      injections.push({ rule: injection, left: injection.count ?? Number.POSITIVE_INFINITY });
    },
    strike(service, operation) {
      for (const injection of injections) {
        const { rule } = injection;
        if (!matches(rule, service, operation)) continue;
        // A rate of 1 draws nothing, so that it does not shift the stream of the others.
        const rate = rule.rate ?? 1;
        if (rate < 1 && random() >= rate) continue;
        injection.left -= 1;
        if (injection.left <= 0) injections = injections.filter((other) => other !== injection);
        return rule;
      }
      return undefined;
    },
    clear() {
      faults.cut = undefined;
      latencies = [];
      injections = [];
      resetQuotas();
    },
    describe: () => ({
      cut: faults.cut ?? null,
      latencies: latencies.map((rule) => ({ ...rule })),
      quotas: Object.fromEntries([...buckets].map(([quota, { perSecond }]) => [quota, perSecond])),
      errors: injections.map(({ rule, left }) => (Number.isFinite(left) ? { ...rule, count: left } : { ...rule })),
    }),
  };
  return faults;
}

function matches(filter: CallFilter, service: ServiceName, operation: string): boolean {
  if (filter.service !== undefined && filter.service !== service) return false;
  return filter.operation === undefined || filter.operation === operation;
}

function narrowness(filter: CallFilter): number {
  return (filter.service === undefined ? 0 : 1) + (filter.operation === undefined ? 0 : 2);
}
