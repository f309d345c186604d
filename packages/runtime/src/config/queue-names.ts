import type { DeploymentConfig, QueueNames } from "./deployment-config.ts";

/** The BullMQ queue of the copies that go to a Region. */
export function replicateQueue({ queues }: Pick<DeploymentConfig, "queues">, region: string): string {
  return `${queues.replicate}-${region}`;
}

/** The queues that are in SQS. */
export function sqsQueues({ encrypt, rewrap, events }: QueueNames): readonly string[] {
  return events === undefined ? [encrypt, rewrap] : [encrypt, rewrap, events];
}
