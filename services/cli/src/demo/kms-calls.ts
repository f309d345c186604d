import type { LocalAws } from "@dekhand/local-aws";

/** KMS calls by Region and operation, as the embedded AWS counted them. */
export type KmsCalls = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function kmsCallsOf(aws: LocalAws): KmsCalls {
  return Object.fromEntries(
    Object.entries(aws.control.callCounts()).map(([region, counts]) => [
      region,
      Object.fromEntries(Object.entries(counts.kms).map(([operation, { calls }]) => [operation, calls])),
    ]),
  );
}
