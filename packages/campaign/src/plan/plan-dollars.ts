/** What a campaign costs at AWS's list prices. */

import type { PlanDollars, PlannedStore, PlanOptions, TargetPlan } from "./plan-types.ts";
import { dynamodbPrices, type PriceTable } from "./price-table.ts";

/** The opening census and the first sweep read eventually consistent, which is half the price; the closing census does not. */
const READ_UNITS_OF_ALL_SCANS = 0.5 + 0.5 + 1;
const READ_UNIT_BYTES = 4_096;
const WRITE_UNIT_BYTES = 1_024;

export function planDollars(
  targets: readonly TargetPlan[],
  stores: readonly PlannedStore[],
  options: Pick<PlanOptions, "prices" | "cloudTrailCopies" | "kmsFreeCallsLeft">,
): PlanDollars {
  const { prices, cloudTrailCopies = 1, kmsFreeCallsLeft = 0 } = options;
  const calls = targets.reduce((sum, { kmsCalls }) => sum + kmsCalls.total, 0);
  const kms = Math.max(0, calls - kmsFreeCallsLeft) * prices.kms.perCall;
  const cloudTrail = calls * Math.max(0, cloudTrailCopies - 1) * prices.cloudTrail.perEventAndFurtherCopy;
  let dynamodbWrites = 0;
  let dynamodbScans = 0;
  for (const target of targets) {
    const store = stores.find((one) => one.store === target.store && one.region === target.region);
    dynamodbWrites += writeDollars(target, store, prices);
    dynamodbScans += scanDollars(target, store, prices);
  }
  return rounded({ kms, dynamodbWrites, dynamodbScans, cloudTrail });
}

function writeDollars(
  { region, stale, unknown, following }: TargetPlan,
  store: PlannedStore | undefined,
  table: PriceTable,
) {
  if (!store?.dynamodb) return 0;
  const units = Math.ceil(store.dynamodb.writtenBytes / WRITE_UNIT_BYTES);
  return (stale + unknown + following) * units * dynamodbPrices(region, table).prices.perWriteUnit;
}

/** A scan is charged by the bytes of all items that it reads, not by item. */
function scanDollars(
  { region, wraps, malformed }: TargetPlan,
  store: PlannedStore | undefined,
  table: PriceTable,
): number {
  if (!store?.dynamodb) return 0;
  const pages = ((wraps + malformed) * store.dynamodb.readBytes) / READ_UNIT_BYTES;
  return pages * READ_UNITS_OF_ALL_SCANS * dynamodbPrices(region, table).prices.perReadUnit;
}

/** To a millionth of a dollar, and a total that is the sum of what is shown. */
function rounded(parts: Omit<PlanDollars, "total">): PlanDollars {
  const round = (dollars: number) => Number(dollars.toFixed(6));
  const { kms, dynamodbWrites, dynamodbScans, cloudTrail } = parts;
  const shown = {
    kms: round(kms),
    dynamodbWrites: round(dynamodbWrites),
    dynamodbScans: round(dynamodbScans),
    cloudTrail: round(cloudTrail),
  };
  return { ...shown, total: round(Object.values(shown).reduce((sum, part) => sum + part, 0)) };
}
