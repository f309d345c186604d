import { randomUUID } from "node:crypto";
import type { CampaignAct, NewCampaign } from "../campaigns/campaign-types.ts";
import type { FailureReport } from "../campaigns/failure-types.ts";
import type { NewSegment } from "../campaigns/segment-types.ts";

const at = "2026-11-23T10:00:00.000Z";

export function sampleAct(actor = "operator"): CampaignAct {
  return { at, actor, reason: "because" };
}

export function sampleCampaign(): NewCampaign {
  return {
    id: randomUUID(),
    kind: "rotation",
    targets: [
      {
        store: "dekhand",
        region: "us-east-1",
        sources: ["arn:aws:kms:us-east-1:111122223333:key/one"],
        keyArn: "arn:aws:kms:us-east-1:111122223333:key/one",
        material: "ab".repeat(32),
        rotatedAt: at,
      },
      { store: "legacy", region: "eu-west-1", sources: [], keyArn: "arn:aws:kms:eu-west-1:111122223333:key/two" },
      {
        store: "dekhand",
        region: "eu-west-1",
        sources: ["arn:aws:kms:eu-west-1:111122223333:key/mrk-1"],
        keyArn: "arn:aws:kms:eu-west-1:111122223333:key/mrk-2",
        follows: { homes: { people: "us-east-1" }, all: false },
      },
    ],
    ...sampleAct(),
  };
}

export function sampleSegments(count: number): NewSegment[] {
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    sweep: 1,
    phase: "rewrap",
    store: "dekhand",
    region: "us-east-1",
    index,
    of: count,
  }));
}

export function sampleFailure(id: string = randomUUID()): FailureReport {
  return {
    store: "dekhand",
    region: "us-east-1",
    id,
    class: "poison",
    code: "KMS_POISON",
    message: "KMS refused it",
    at,
  };
}
