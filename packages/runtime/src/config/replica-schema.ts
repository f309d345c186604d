import { z } from "zod";
import { REPLICA_STRATEGIES, type Replica } from "./deployment-config.ts";
import { fields } from "./fields.ts";
import { bridgeReference, keyReference } from "./key-reference.ts";
import { lookup } from "./lookup.ts";
import { regionName } from "./region-name.ts";

const replica = z.strictObject({
  key: keyReference,
  retiring: z.array(keyReference).default([]),
  strategy: fields.choice(REPLICA_STRATEGIES),
  bridge: bridgeReference.exactOptional(),
  recoveryPoint: fields.duration({ min: 1_000, max: 30 * 86_400_000 }).default(900_000),
});

/** `replicas` of a profile, as it is written. What its settings demand of each other: replica-relations.ts. */
export const replicasSchema = z.record(regionName, replica);

export function toReplicas(written: z.output<typeof replicasSchema>): Readonly<Record<string, Replica>> {
  return lookup(Object.entries(written), ({ recoveryPoint, ...rest }, region) => ({
    region,
    ...rest,
    recoveryPointMs: recoveryPoint,
  }));
}
