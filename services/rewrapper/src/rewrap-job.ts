/**
 * One rewrap job: a single DEK's wrap, or a segment of a campaign.
 *
 * A job that meets trouble which passes by itself (KMS throttled or away,
 * DynamoDB away, a disabled key) waits here with its message held. Only a job
 * that can never succeed is rejected. What a segment needs is not known here:
 * its handler is given, and answers for its own waits.
 */

import { type RewrapDekDeps, type RewrapOutcome, rewrapDek } from "@dekhand/deks";
import {
  type Delivery,
  failureOutcome,
  type Handler,
  type Outcome,
  type Patience,
  type RewrapDekJob,
  type RewrapJob,
  type RewrapSegmentJob,
} from "@dekhand/jobs";
import type { Logger } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import type { RewrapperErrorCode } from "./errors.ts";

/** What is rewrapped in a Region, and where. */
export interface RewrapRegion extends Pick<RewrapDekDeps, "kms" | "state"> {
  /** The table that holds the DEK's wrap. */
  storeOf(dekId: string, options: CallOptions): Promise<RewrapDekDeps["store"]>;
}

/** Works at one segment of a campaign, for a slice of time or until `delivery.signal` aborts. */
export type SegmentHandler = (job: RewrapSegmentJob, delivery: Delivery<RewrapJob>) => Promise<Outcome>;

export interface RewrapJobDeps {
  readonly keys: RewrapDekDeps["keys"];
  readonly homeOf: NonNullable<RewrapDekDeps["homeOf"]>;
  /** Those that hold wraps, by name. */
  readonly regions: ReadonlyMap<string, RewrapRegion>;
  readonly segments: SegmentHandler;
  readonly patience: Patience;
  readonly logger: Logger;
}

/** How long a job waits whose wrap kept changing, in milliseconds. */
const contendedMs = 5_000;

export function createRewrapHandler(deps: RewrapJobDeps): Handler<RewrapJob> {
  return async (delivery) => {
    const { job } = delivery;
    try {
      if ("dekId" in job) return await rewrapOne(deps, job, delivery);
      return await deps.segments(job, delivery);
    } catch (error) {
      return failureOutcome(error, { delivery, internalCode: "REWRAPPER_INTERNAL", logger: deps.logger });
    }
  };
}

async function rewrapOne(
  { keys, homeOf, regions, patience }: RewrapJobDeps,
  job: RewrapDekJob,
  { attempt, signal }: Delivery<RewrapJob>,
): Promise<Outcome> {
  const region = regions.get(job.region);
  if (!region) return reject(job, "REWRAPPER_REGION_UNKNOWN", "no profile of the configuration has that Region");
  let profile = "a profile not read yet";
  const outcome = await patience.insist({ attempt, signal, profile: () => profile }, async () => {
    const store = await region.storeOf(job.dekId, { signal });
    return rewrapDek({ ...region, store, keys, homeOf }, job.dekId, {
      signal,
      // Nobody waits for the answer.
      priority: "campaign",
      onDek: (dek) => {
        profile = dek.profile;
      },
    });
  });
  return toOutcome(job, outcome);
}

function toOutcome(job: RewrapDekJob, outcome: RewrapOutcome): Outcome {
  switch (outcome.kind) {
    case "rewrapped":
    case "current":
      return { kind: "done", note: outcome.kind };
    case "conflict":
      return retry("REWRAPPER_CONTENDED", contendedMs);
    case "not-found":
      return reject(job, "DEKS_NOT_FOUND", "no such DEK, or no wrap of it");
    case "refused":
      return reject(job, outcome.error.code, outcome.error.message);
  }
}

function retry(reason: RewrapperErrorCode, afterMs: number): Outcome {
  return { kind: "retry", afterMs, reason };
}

/** DEK and Region have their shape from the contract: they may be told, and whoever reads the reason needs them. */
function reject({ dekId, region }: RewrapDekJob, code: string, message: string): Outcome {
  return { kind: "reject", code, message: `${message} (DEK ${dekId}, ${region})` };
}
