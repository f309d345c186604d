import { type BareClient, createBareClient } from "./bare-client.ts";
import type { Endpoints } from "./settings.ts";

/** Tables full of wraps under the first of the keys, and the KMS that made them. */
export interface Place extends Endpoints {
  readonly name: PlaceName;
  /** Both contestants rewrap every wrap: one from the first key to the second, the other from there to the third. */
  readonly keyArns: readonly [string, string, string];
}

export type PlaceName = "embedded" | "loopback";

/** Of the tables' names: what is measured, and what only warms up. */
export const prefixes = { bench: "bench", warmUp: "warm" } as const;

export function deksTable(prefix: string): string {
  return `${prefix}-deks`;
}

/** Throws where not every wrap of the table is under the key. */
export async function requireAllUnder(
  { dynamodb }: Place,
  { prefix, keyArn, wraps }: { readonly prefix: string; readonly keyArn: string; readonly wraps: number },
): Promise<void> {
  using client = createBareClient(dynamodb);
  const found = await countUnder(client, deksTable(prefix), keyArn);
  if (found !== wraps) throw new Error(`${found} of ${wraps} wraps are under the key that all should be under`);
}

async function countUnder(client: BareClient, table: string, keyArn: string): Promise<number> {
  let count = 0;
  let from: object | undefined;
  do {
    const page = await client.call<{ Count: number; LastEvaluatedKey?: object }>("DynamoDB_20120810.Scan", {
      TableName: table,
      Select: "COUNT",
      FilterExpression: "keyArn = :keyArn",
      ExpressionAttributeValues: { ":keyArn": { S: keyArn } },
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    count += page.Count;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return count;
}
