/** What goes wrong, and when: decided by a seed alone. */

import type { ErrorInjection } from "@dekhand/local-aws";

/** `at`: when KMS has re-encrypted that part of the wraps. So all of it comes while there is work, on any machine. */
export type Incident = { readonly at: number } & (
  | { readonly kind: "flush-redis" | "kill-control" }
  /** A rewrapper is stopped for longer than its leases last, and goes on then as if nothing had been. */
  | { readonly kind: "freeze-rewrapper"; readonly ms: number }
  | {
      readonly kind: "errors";
      readonly name: string;
      readonly injections: readonly ErrorInjection[];
      readonly ms: number;
    }
);

export interface ScheduleSize {
  readonly flushes: number;
  readonly controlKills: number;
  readonly freezes: number;
  readonly cutOffMs: number;
  /** Of each kind. */
  readonly storms: number;
}

export function makeSchedule(random: () => number, size: ScheduleSize): readonly Incident[] {
  const between = (least: number, most: number) => least + random() * (most - least);
  /** Moments spread over a part of the campaign, one in each of as many equal pieces of it. */
  const spread = (count: number, least: number, most: number) =>
    Array.from({ length: count }, (_, index) => {
      const piece = (most - least) / count;
      return least + piece * index + random() * piece;
    });
  const incidents: Incident[] = [];

  for (const at of spread(size.flushes, 0.15, 0.85)) incidents.push({ at, kind: "flush-redis" });
  // Early: a control that has just come waits a whole birth deadline before the closing census.
  for (const at of spread(size.controlKills, 0.02, 0.4)) incidents.push({ at, kind: "kill-control" });
  for (const at of spread(size.freezes, 0.1, 0.7)) {
    incidents.push({ at, kind: "freeze-rewrapper", ms: between(4_000, 6_000) });
  }
  const cut = { service: "kms", drop: true } as const;
  incidents.push({ at: between(0.3, 0.6), kind: "errors", name: "KMS cut off", injections: [cut], ms: size.cutOffMs });

  for (const storm of storms) {
    for (const at of spread(size.storms, 0.05, 0.8)) {
      const injections = storm.errors.map((error) => ({ ...error, rate: between(...storm.rates) }));
      incidents.push({ at, kind: "errors", name: storm.name, injections, ms: between(2_000, 4_000) });
    }
  }
  return incidents.sort((a, b) => a.at - b.at);
}

interface Storm {
  readonly name: string;
  readonly errors: readonly ErrorInjection[];
  readonly rates: readonly [number, number];
}

const storms: readonly Storm[] = [
  {
    name: "KMS throttles",
    errors: [{ service: "kms", errorName: "ThrottlingException" }],
    rates: [0.3, 0.8],
  },
  {
    name: "KMS fails, some of it after the effect",
    errors: [
      { service: "kms", errorName: "KMSInternalException", status: 500 },
      { service: "kms", drop: true, when: "after" },
    ],
    rates: [0.02, 0.1],
  },
  {
    name: "DynamoDB throttles",
    errors: [{ service: "dynamodb", errorName: "ProvisionedThroughputExceededException" }],
    rates: [0.1, 0.3],
  },
  {
    name: "DynamoDB fails, some of it after the effect",
    errors: [
      { service: "dynamodb", errorName: "InternalServerError", status: 500 },
      { service: "dynamodb", errorName: "InternalServerError", status: 500, when: "after" },
    ],
    rates: [0.05, 0.15],
  },
];
