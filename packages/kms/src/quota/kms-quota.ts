/**
 * The part of the account's KMS quota that a deployment may use, for one process:
 * a meter for each Region and quota class, all through one connection to Redis.
 */
import { type Clock, type Logger, type Metrics, type QuotaConfig, sleep, systemClock } from "@dekhand/runtime";
import { configuredQuota, type QuotaClass, shareOf } from "./account-quotas.ts";
import { connectQuota } from "./quota-connection.ts";
import { createQuotaMeter, type MeterStatus, type QuotaMeter } from "./quota-meter.ts";
import type { ServiceQuotas } from "./service-quotas.ts";
import { createSharedMeter, type SharedMeterSettings } from "./shared-meter.ts";

export interface KmsQuotaOptions {
  readonly config: QuotaConfig;
  /** The Redis that the fleet shares its quota through. Without it, this process keeps to its local share. */
  readonly redisUrl?: string | undefined;
  /** The deployment's: stands in front of every key in Redis. */
  readonly prefix: string;
  /** Tells calling accounts apart where one deployment uses several. */
  readonly account?: string;
  /** Asked once an hour for each Region where the configuration says so. */
  readonly serviceQuotas?: ServiceQuotas | undefined;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock?: Pick<Clock, "monotonic">;
}

export interface KmsQuota {
  meter(region: string, quotaClass: QuotaClass): QuotaMeter;
  /**
   * The part of the deployment's share that campaign calls may take from now on, in all Regions, 0 to 1 less the reserve;
   * what is outside is taken for the nearer edge. Undefined: what the configuration says. A fleet's processes have to be
   * told the same value; it holds within half a second after the last of them was told.
   */
  setCampaignShare(part: number | undefined): void;
  /** Of each meter in use. */
  status(): readonly QuotaStatus[];
  /** Calls that still wait then have the local share only. Leased slots pass unused. */
  close(): void;
}

export interface QuotaStatus extends MeterStatus {
  readonly region: string;
  readonly quotaClass: QuotaClass;
}

interface Metered {
  readonly region: string;
  readonly quotaClass: QuotaClass;
  readonly meter: QuotaMeter;
  settings: SharedMeterSettings;
}

/** An account's quota changes seldom, in milliseconds. */
const askEveryMs = 3_600_000;

export function createKmsQuota(options: KmsQuotaOptions): KmsQuota {
  const { config, redisUrl, prefix, account = "own", serviceQuotas, metrics, logger, clock = systemClock } = options;
  let { campaign } = config;
  const closed = new AbortController();
  const sharing = redisUrl !== undefined && config.floor < 1;
  const connection = sharing ? connectQuota(redisUrl, logger) : undefined;
  const meters = new Map<string, Metered>();
  if (!sharing)
    logger.info({ floor: config.floor, workers: config.workers }, "no KMS quota is shared: local share only");

  const settingsFor = (quotaClass: QuotaClass, quota: number): SharedMeterSettings => {
    const { floor, reserve } = config;
    return { share: shareOf(quotaClass, quota, config), floor, reserve, campaign };
  };

  const make = (region: string, quotaClass: QuotaClass): Metered => {
    // Braces: one slot of a Redis cluster.
    const key = `${prefix}:kms-quota:{${account}:${region}:${quotaClass}}`;
    const source = connection && {
      ...connection,
      meter: createSharedMeter({ ...connection, key, settings: () => made.settings }),
    };
    const settings = settingsFor(quotaClass, configuredQuota(region, quotaClass, config));
    const made: Metered = { region, quotaClass, settings, meter: createQuotaMeter(source, clock) };
    apply(made);
    void keepAsking(made);
    return made;
  };

  const apply = ({ meter, settings }: Metered) => {
    const { share, floor } = settings;
    meter.setShare({ share, floor: (share * floor) / config.workers, campaign: settings.campaign });
  };

  /** What the configuration names needs no asking; what Service Quotas does not tell leaves what is known. */
  const keepAsking = async (metered: Metered) => {
    const { region, quotaClass } = metered;
    if (config.source !== "service-quotas" || quotaClass !== "crypto" || config.regions[region] !== undefined) return;
    const { signal } = closed;
    while (!signal.aborted) {
      const quota = await serviceQuotas?.cryptoQuota(region, { signal }).catch(() => undefined);
      if (quota !== undefined) {
        metered.settings = settingsFor(quotaClass, quota);
        apply(metered);
      }
      await sleep(askEveryMs, { signal }).catch(() => undefined);
    }
  };

  const find = (region: string, quotaClass: QuotaClass): Metered => {
    const name = `${region} ${quotaClass}`;
    const found = meters.get(name) ?? make(region, quotaClass);
    meters.set(name, found);
    return found;
  };

  const status = () =>
    [...meters.values()].map(({ region, quotaClass, meter }) => ({ region, quotaClass, ...meter.status() }));
  exposeQuota(metrics, status);

  return {
    meter: (region, quotaClass) => find(region, quotaClass).meter,
    setCampaignShare(part) {
      campaign = part === undefined ? config.campaign : bounded(part, 1 - config.reserve);
      for (const metered of meters.values()) {
        metered.settings = { ...metered.settings, campaign };
        apply(metered);
      }
    },
    status,
    close() {
      closed.abort();
      connection?.close();
    },
  };
}

/** What is no number at all is the careful edge. */
function bounded(part: number, most: number): number {
  return part > 0 ? Math.min(part, most) : 0;
}

function exposeQuota(metrics: Metrics, status: () => readonly QuotaStatus[]): void {
  const labels = ["region", "quota_class"] as const;
  metrics.gauge("kms_quota_rate", "KMS calls a second that the deployment may make now", labels, (gauge) => {
    for (const { region, quotaClass, rate } of status()) gauge.set({ region, quota_class: quotaClass }, rate);
  });
  metrics.gauge("kms_quota_share", "KMS calls a second that the deployment may make at most", labels, (gauge) => {
    for (const { region, quotaClass, share } of status()) gauge.set({ region, quota_class: quotaClass }, share);
  });
  metrics.gauge("kms_quota_campaign", "KMS calls a second of them that campaigns may make at most", labels, (gauge) => {
    for (const { region, quotaClass, campaign } of status()) gauge.set({ region, quota_class: quotaClass }, campaign);
  });
  metrics.gauge("kms_quota_shared", "1: the quota is shared through Redis; 0: local share only", labels, (gauge) => {
    for (const { region, quotaClass, mode } of status())
      gauge.set({ region, quota_class: quotaClass }, mode === "shared" ? 1 : 0);
  });
  metrics.gauge("kms_quota_waiting", "KMS calls that wait for the share", [...labels, "priority"], (gauge) => {
    for (const { region, quotaClass, waiting } of status())
      for (const [priority, count] of Object.entries(waiting))
        gauge.set({ region, quota_class: quotaClass, priority }, count);
  });
}
