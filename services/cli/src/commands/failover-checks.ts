import { describeError } from "@dekhand/errors";
import { deadlineIn, sqsQueues } from "@dekhand/runtime";
import type { Connection } from "../connect.ts";
import { queueUrl } from "../queue-url.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";

/** For all of the Region's queues and transit keys together, in milliseconds. */
const deadlineMs = 10_000;

/** What services in a new home would lack, in sentences: the home can be moved without it, and nothing comes in. */
export async function queueWarnings(
  connection: Connection,
  region: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { config } = connection;
  if (config.control !== region) {
    return [
      `this configuration's control Region is ${config.control}: services that run in ${region} by themselves have DEKHAND_CONTROL=${region}`,
    ];
  }
  using limit = deadlineIn(deadlineMs, signal);
  const warnings: string[] = [];
  for (const queue of sqsQueues(config.queues)) {
    const code = await codeOf(() => queueUrl(connection, queue, limit.signal), signal);
    if (code !== undefined) warnings.push(`warning: the SQS queue ${queue} is not to be had in ${region} (${code})`);
  }
  if (config.transit) {
    let trusted: readonly unknown[] = [];
    const look = async () => {
      trusted = await trustedTransitKeys(connection, limit.signal);
    };
    const code = await codeOf(look, signal);
    if (code !== undefined) warnings.push(`warning: the transit keys of ${region} cannot be read (${code})`);
    else if (trusted.length === 0) warnings.push(`warning: ${region} has no transit key: jobs over Redis need one`);
  }
  return warnings;
}

async function codeOf(work: () => Promise<unknown>, signal: AbortSignal): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return describeError(error).code;
  }
}
