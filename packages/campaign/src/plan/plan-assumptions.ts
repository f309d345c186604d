import type { PlanInput, PlanOptions } from "./plan-types.ts";
import { dynamodbPrices } from "./price-table.ts";

/** What a plan takes for granted, in words: who reads its numbers has to know. */
export function planAssumptions(
  { targets, stores, leftOut = [] }: Pick<PlanInput, "targets" | "stores" | "leftOut">,
  { prices, settings, quota, cloudTrailCopies = 1, kmsFreeCallsLeft = 0 }: PlanOptions,
): readonly string[] {
  const unlisted = [...new Set(targets.map(({ region }) => region))].filter(
    (region) => !dynamodbPrices(region, prices).isListed,
  );
  const outside = stores.filter(({ dynamodb }) => dynamodb === undefined).map(({ store }) => store);
  const sizes = [...new Set(stores.flatMap(({ dynamodb }) => (dynamodb ? [sizeOf(dynamodb)] : [])))];
  const mixed = targets.flatMap(({ region, follows }) => (follows?.all === false ? [{ region, follows }] : []));
  return [
    `Prices are AWS's list prices of ${prices.asOf}, on-demand.`,
    "Nothing fails, nothing is tried again, and no wrap is added or removed meanwhile; counts are of labels, as they are now.",
    ...(leftOut.length > 0
      ? [`Not looked at, since their configuration lists none of the keys to leave: ${leftOut.join(", ")}.`]
      : []),
    `KMS: a call a wrap to rewrap, a probe (${settings.probeBy}) for each wrap of canary and sample, and preflight by one ` +
      `worker a target; ${kmsFreeCallsLeft.toLocaleString("en-US")} of the month's free requests are left.`,
    ...mixed.map(
      ({ region, follows }) =>
        `In ${region}, copies of wraps of ${Object.values(follows.homes).join(", ")} stand among wraps of its own, and no count tells them ` +
        "apart: all are reckoned as to be rewrapped, and the copies will cost no call.",
    ),
    ...(sizes.length > 0
      ? [
          `DynamoDB: ${sizes.join(", ")}; an opening census and one sweep by eventually consistent reads, and a closing ` +
            "census by strongly consistent ones. Not counted: checkpoints, about one write for 200 wraps a sweep, and what " +
            "indexes or global tables of a store write besides.",
        ]
      : []),
    ...unlisted.map(
      (region) => `DynamoDB's prices in ${region} are not in the table: reckoned with the dearest that are.`,
    ),
    ...(outside.length > 0 ? [`Reads and writes of ${[...new Set(outside)].join(", ")} are not priced.`] : []),
    `CloudTrail delivers ${cloudTrailCopies} ${cloudTrailCopies === 1 ? "copy" : "copies"} of management events, the first of them free; ` +
      "DynamoDB's item calls are none.",
    "Time is that of KMS calls at the campaign's part of the share, Regions side by side: workers and tables keep up, and " +
      "the waits before the closing census come on top.",
    ...(quota.floor === 1 ? ["No quota is shared: all of quota.workers work at the campaign."] : []),
  ];
}

function sizeOf({ readBytes, writtenBytes }: { readonly readBytes: number; readonly writtenBytes: number }): string {
  return `${readBytes.toLocaleString("en-US")} bytes read and ${writtenBytes.toLocaleString("en-US")} written for a wrap`;
}
