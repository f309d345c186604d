/** Parts of envelopes, found by scan whatever record they belong to; marked, and later deleted, by what was read. */

import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { placeholder, projection } from "../dynamodb/projection.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { text } from "../items/write-values.ts";
import { requireScan } from "../wraps/check-call.ts";
import { createKeyCodec } from "../wraps/dynamodb/table-key.ts";
import { MAX_SEGMENTS } from "../wraps/dynamodb/table-wraps.ts";
import {
  type Attributes,
  absent,
  type ConditionalWrite,
  type ConditionalWriter,
  type UpdateWrite,
  type WriteResult,
} from "../writer/conditional-write.ts";
import type { OldParts, StoredPart } from "./old-part-types.ts";
import { partItemName, recordKey } from "./record-items.ts";

interface PartTable {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly table: string;
}

/** On a part that no head names. Readers of the part do not look at it. */
const mark = "orphanedAt";
const attributes = ["recordId", "item", mark] as const;
const key = createKeyCodec({ partition: { name: "recordId" }, sort: { name: "item" } });
const partName = /^part#([^#]+)#(\d{4})$/;

export function createOldParts({ client, writer, table }: PartTable): OldParts {
  const writeAll = async (
    writes: readonly ConditionalWrite[],
    options: CallOptions,
  ): Promise<readonly WriteResult[]> => {
    const results = await writer.write(writes, options);
    options.signal?.throwIfAborted();
    const failed = results.find((result) => result.kind === "failed");
    if (failed) throw failed.error;
    return results;
  };

  return {
    async scanParts(segment, options = {}) {
      const { cursor, consistent = false, signal } = options;
      const command = new ScanCommand({
        TableName: table,
        Segment: segment.index,
        TotalSegments: segment.of,
        Limit: requireScan(segment, options, MAX_SEGMENTS),
        ConsistentRead: consistent,
        ...projection(attributes),
        FilterExpression: `begins_with(${placeholder(attributes, "item")}, :part)`,
        ExpressionAttributeValues: { ":part": text("part#") },
        ...(cursor === undefined ? {} : { ExclusiveStartKey: key.toKey(cursor) }),
      });
      const { Items = [], LastEvaluatedKey } = await request("Scan", { signal }, (http) => client.send(command, http));
      const parts = Items.flatMap((item) => readPartRef(item) ?? []);
      return LastEvaluatedKey ? { parts, cursor: key.toText(LastEvaluatedKey) } : { parts };
    },
    async markParts(parts, at, options = {}) {
      const change = { when: { [mark]: absent }, set: { [mark]: text(at) } } satisfies Pick<
        UpdateWrite,
        "when" | "set"
      >;
      await writeAll(
        parts.map((part) => ({ kind: "update", table, key: keyOf(part), ...change })),
        options,
      );
    },
    async deleteParts(parts, options = {}) {
      const results = await writeAll(
        parts.map((part) => ({ kind: "delete", table, key: keyOf(part), when: { [mark]: text(markOf(part)) } })),
        options,
      );
      return results.filter(({ kind }) => kind === "done").length;
    },
  };
}

function keyOf({ recordId, sealId, number }: StoredPart): Attributes {
  return recordKey(recordId, partItemName(sealId, number));
}

function markOf({ orphanedAt }: StoredPart): string {
  if (orphanedAt !== undefined) return orphanedAt;
  throw new StoreError("STORE_VALUE_INVALID", "a part is deleted by its mark, and this one has none");
}

/** Undefined for an item that only looks like a part: it is nobody's to delete. */
function readPartRef({ recordId, item, [mark]: at }: Attributes): StoredPart | undefined {
  const [, sealId, number] = partName.exec(item?.S ?? "") ?? [];
  if (recordId?.S === undefined || sealId === undefined) return undefined;
  const orphanedAt = at?.S === undefined ? {} : { orphanedAt: at.S };
  return { recordId: recordId.S, sealId, number: Number(number), ...orphanedAt };
}
