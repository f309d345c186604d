import { describe } from "vitest";
import { describeDelivery } from "./delivery-contract.ts";
import { describeDrain } from "./drain-contract.ts";
import type { QueueSetup } from "./queue-subject.ts";
import { describeRejection } from "./rejection-contract.ts";

export type { ConsumerSettings, QueueSetup, QueueSubject, Reason } from "./queue-subject.ts";

/** What both kinds of queue guarantee to whoever handles jobs. */
export function describeJobConsumer(name: string, setup: QueueSetup): void {
  describe(name, () => {
    describeDelivery(setup);
    describeDrain(setup);
    describeRejection(setup);
  });
}
