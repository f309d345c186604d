import { LocalAwsError } from "./errors.ts";
import { isQuota } from "./faults/region-faults.ts";
import type { SqsLimits } from "./sqs/index.ts";

export interface LocalAwsOptions {
  /** Names of Regions, at least one: one endpoint each. */
  readonly regions: readonly string[];
  /** Folder that keeps keys, tables and messages; in memory when absent. One process at a time. */
  readonly dataDir?: string | undefined;
  /** A loopback address; 127.0.0.1 when absent. */
  readonly host?: string | undefined;
  /** Port by Region; a free one where none is given. */
  readonly ports?: Readonly<Record<string, number>> | undefined;
  /** Port of the HTTP control; a free one when absent. */
  readonly controlPort?: number | undefined;
  /** 12 digits; zeros when absent. */
  readonly accountId?: string | undefined;
  readonly kms?: LocalKmsOptions | undefined;
  /** Limits that tests may want smaller than SQS's own. */
  readonly sqs?: Partial<SqsLimits> | undefined;
  /** Makes the rates of injected errors repeatable. */
  readonly seed?: number | undefined;
  /** Wall clock in milliseconds, for dates, rotations, deletions and message times. */
  readonly now?: (() => number) | undefined;
}

export interface LocalKmsOptions {
  /** Calls a second in each Region, by quota: `crypto` or the name of a KMS operation. Unlimited when absent. */
  readonly quotas?: Readonly<Record<string, number>> | undefined;
  /** How long rotation, replication and a change of primary take, in milliseconds; at once when absent. */
  readonly settleMs?: number | undefined;
}

/** Throws LOCAL_AWS_OPTION_INVALID or LOCAL_AWS_HOST_NOT_LOOPBACK. */
export function checkOptions(options: LocalAwsOptions): void {
  const { regions, host, accountId, ports = {}, kms = {} } = options;
  if (regions.length === 0) throw invalidOption("regions is empty");
  if (new Set(regions).size < regions.length) throw invalidOption("regions names one twice");
  // Regions become folders and parts of ARNs.
  if (!regions.every((region) => /^[a-z0-9-]{1,32}$/.test(region)))
    throw invalidOption("regions has an impossible name");
  if (host !== undefined && !isLoopback(host)) {
    throw new LocalAwsError("LOCAL_AWS_HOST_NOT_LOOPBACK", "local-aws listens on loopback only: it has no security");
  }
  if (accountId !== undefined && !/^\d{12}$/.test(accountId)) throw invalidOption("accountId is not 12 digits");
  for (const [region, port] of [...Object.entries(ports), ["control", options.controlPort ?? 0] as const]) {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalidOption(`the port of ${region} is none`);
  }
  const stranger = Object.keys(ports).find((region) => !regions.includes(region));
  if (stranger !== undefined) throw invalidOption("ports names a Region that regions does not");
  for (const [quota, perSecond] of Object.entries(kms.quotas ?? {})) {
    if (!isQuota(quota)) throw invalidOption("kms.quotas names something that has no quota of its own");
    if (!Number.isFinite(perSecond) || perSecond < 0) throw invalidOption("a quota has to be a number, 0 or above");
  }
  if (kms.settleMs !== undefined && !(kms.settleMs >= 0)) throw invalidOption("settleMs has to be 0 or above");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function invalidOption(message: string): LocalAwsError {
  return new LocalAwsError("LOCAL_AWS_OPTION_INVALID", message);
}
