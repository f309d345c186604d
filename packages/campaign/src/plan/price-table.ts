/**
 * What AWS asks for the calls that a campaign makes, and the limits that a plan warns about, as of one day.
 *
 * US dollars, on-demand, without discounts, taxes and other tenants of the account. AWS changes prices: whoever changes
 * one here changes the date. The request quotas, by Region, are the table of the same month in @dekhand/kms
 * (quota/account-quotas.ts); they are not repeated.
 */

export interface PriceTable {
  /** Year and month. */
  readonly asOf: string;
  /** AWS's public pages that say so. */
  readonly sources: readonly string[];
  readonly kms: {
    /** Every request counts, dry runs and DescribeKey too; the same in all Regions. */
    readonly perCall: number;
    /** Requests a month that cost nothing, all Regions of the account together. */
    readonly freeCallsPerMonth: number;
    /** On-demand rotations in the life of a key. */
    readonly onDemandRotations: number;
  };
  readonly dynamodb: {
    readonly byRegion: Readonly<Record<string, RequestUnitPrices>>;
    /** For Regions that are not listed: the dearest of those that are. */
    readonly elsewhere: RequestUnitPrices;
  };
  /** The first copy of management events is free. */
  readonly cloudTrail: { readonly perEventAndFurtherCopy: number };
}

/** Of on-demand tables of the class Standard. */
export interface RequestUnitPrices {
  /** Of a write of up to 1 KB. */
  readonly perWriteUnit: number;
  /** Of a strongly consistent read of up to 4 KB; an eventually consistent one takes half a unit. */
  readonly perReadUnit: number;
}

const frankfurt = perMillion(0.7625, 0.1525);

export const PRICE_TABLE: PriceTable = {
  asOf: "2026-11",
  sources: [
    "AWS Key Management Service Pricing",
    "AWS KMS Developer Guide, Request quotas; Rotate keys on demand",
    "Amazon DynamoDB Pricing, On-Demand Capacity",
    "AWS CloudTrail Pricing",
  ],
  kms: { perCall: 0.03 / 10_000, freeCallsPerMonth: 20_000, onDemandRotations: 25 },
  dynamodb: {
    byRegion: {
      "us-east-1": perMillion(0.625, 0.125),
      "us-east-2": perMillion(0.625, 0.125),
      "us-west-2": perMillion(0.625, 0.125),
      "eu-west-1": perMillion(0.705, 0.1415),
      "eu-west-2": perMillion(0.7423, 0.1487),
      "eu-central-1": frankfurt,
      "ap-south-1": perMillion(0.71, 0.1425),
      "ap-northeast-1": perMillion(0.715, 0.1425),
      "ap-southeast-2": perMillion(0.71, 0.1425),
    },
    elsewhere: frankfurt,
  },
  cloudTrail: { perEventAndFurtherCopy: 2 / 100_000 },
};

/** Whether the table has that Region's prices, and which it is reckoned with. */
export function dynamodbPrices(
  region: string,
  { dynamodb }: PriceTable,
): { readonly prices: RequestUnitPrices; readonly isListed: boolean } {
  const listed = Object.hasOwn(dynamodb.byRegion, region) ? dynamodb.byRegion[region] : undefined;
  return { prices: listed ?? dynamodb.elsewhere, isListed: listed !== undefined };
}

function perMillion(writes: number, reads: number): RequestUnitPrices {
  return { perWriteUnit: writes / 1_000_000, perReadUnit: reads / 1_000_000 };
}
