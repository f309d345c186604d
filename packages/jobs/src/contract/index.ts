import { describe } from "vitest";
import { describeDelivery } from "./delivery-contract.ts";
import { describeDrain } from "./drain-contract.ts";
import type { AnyJob, QueueSetup } from "./queue-subject.ts";
import { describeRejection } from "./rejection-contract.ts";

export { describeEncryptJobs } from "./encrypt-contract.ts";
export type { AnyJob, ConsumerSettings, QueueSetup, QueueSubject, Reason } from "./queue-subject.ts";
export { describeReplicateJobs } from "./replicate-contract.ts";
export { describeRewrapJobs } from "./rewrap-contract.ts";

/** What both kinds of queue guarantee to whoever handles jobs, of whatever kind. */
export function describeJobConsumer<Job extends AnyJob, Input extends AnyJob>(
  name: string,
  setup: QueueSetup<Job, Input>,
): void {
  describe(name, () => {
    describeDelivery(setup);
    describeDrain(setup);
    describeRejection(setup);
  });
}
