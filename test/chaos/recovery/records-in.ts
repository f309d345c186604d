/** What a Region's tables hold, read without any of Dekhand's code but the tables' names. */

import { type AttributeValue, ScanCommand } from "@aws-sdk/client-dynamodb";
import { tableNames } from "@dekhand/store";
import type { Stack } from "../../stack/start-stack.ts";
import { type Job, rank } from "./job-book.ts";

/** The part of a head that tells which sealing of which job it is. */
export interface SeenHead {
  readonly recordId: string;
  readonly jobId: string;
  readonly sealId: string;
  readonly dekId: string;
  readonly epoch: number;
  readonly revision?: number;
  /** Of the envelope, in hex. */
  readonly digest: string;
}

export interface SeenRecords {
  /** By record id. */
  readonly heads: ReadonlyMap<string, SeenHead>;
  /** Records that lost, by seal id. */
  readonly lost: ReadonlyMap<string, SeenHead>;
}

const attributes = ["recordId", "item", "jobId", "sealId", "dekId", "epoch", "revision", "digest"];

export async function recordsIn({ clients, config }: Stack, region: string): Promise<SeenRecords> {
  const { dynamodb } = clients.region(region);
  const heads = new Map<string, SeenHead>();
  const lost = new Map<string, SeenHead>();
  let from: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new ScanCommand({
        TableName: tableNames(config.prefix).records,
        ProjectionExpression: attributes.map((_, index) => `#a${index}`).join(", "),
        ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name])),
        ConsistentRead: true,
        ExclusiveStartKey: from,
      }),
    );
    for (const item of Items) {
      const name = item.item?.S ?? "";
      // Neither the parts of an envelope.
      if (item.jobId === undefined) continue;
      const head = readHead(item);
      if (name === "head") heads.set(head.recordId, head);
      if (name.startsWith("lost#")) lost.set(head.sealId, head);
    }
    from = LastEvaluatedKey;
  } while (from);
  return { heads, lost };
}

/** Whether a Region has what the job has written, or what has replaced it since. */
export function hasArrived({ heads }: SeenRecords, job: Job): boolean {
  const head = heads.get(job.recordId);
  return head !== undefined && (head.jobId === job.id || rank(head) > rank(job));
}

function readHead({
  recordId,
  jobId,
  sealId,
  dekId,
  epoch,
  revision,
  digest,
}: Record<string, AttributeValue>): SeenHead {
  return {
    recordId: recordId?.S ?? "",
    jobId: jobId?.S ?? "",
    sealId: sealId?.S ?? "",
    dekId: dekId?.S ?? "",
    epoch: Number(epoch?.N),
    ...(revision === undefined ? {} : { revision: Number(revision.N) }),
    digest: Buffer.from(digest?.B ?? []).toString("hex"),
  };
}
