import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import type { Connection } from "./connect.ts";
import { CliError } from "./errors.ts";
import { withQueue } from "./queue-failure.ts";

/** Where an SQS queue of the control Region is. Throws JOBS_QUEUE_UNREACHABLE. */
export async function queueUrl(
  { config, clients }: Pick<Connection, "config" | "clients">,
  queue: string,
  signal: AbortSignal,
): Promise<string> {
  const { sqs } = clients.region(config.control);
  const find = new GetQueueUrlCommand({ QueueName: queue });
  const { QueueUrl } = await withQueue(queue, signal, () => sqs.send(find, { abortSignal: signal }));
  if (QueueUrl === undefined) throw new CliError("CLI_USAGE", "SQS named no URL for the queue", { context: { queue } });
  return QueueUrl;
}
