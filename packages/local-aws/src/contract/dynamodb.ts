import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defined, expectError } from "./kms-suite.ts";
import { type ContractTarget, itCan, type OpenTarget } from "./target.ts";

type Item = Record<string, AttributeValue>;

/** What Dekhand relies on DynamoDB to do. Capabilities that a target may lack: `dynamodb.partiql`. */
export function describeDynamodbContract(target: ContractTarget): void {
  describe(`DynamoDB of ${target.name}`, () => {
    const TableName = `dekhand-contract-${randomUUID()}`;
    let opened: OpenTarget | undefined;
    const client = (): DynamoDBClient => defined(opened).dynamodb();
    const item = (id: string, sort: string, more: Item = {}): Item => ({ id: { S: id }, sort: { S: sort }, ...more });
    const put = (Item: Item) => client().send(new PutItemCommand({ TableName, Item }));
    const get = async (id: string, sort: string) =>
      (await client().send(new GetItemCommand({ TableName, Key: item(id, sort), ConsistentRead: true }))).Item;

    beforeAll(async () => {
      opened = await target.open();
      await client().send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [
            { AttributeName: "id", AttributeType: "S" },
            { AttributeName: "sort", AttributeType: "S" },
          ],
          KeySchema: [
            { AttributeName: "id", KeyType: "HASH" },
            { AttributeName: "sort", KeyType: "RANGE" },
          ],
        }),
      );
      await waitUntilTableExists({ client: client(), maxWaitTime: 120, minDelay: 1 }, { TableName });
    });
    afterAll(async () => {
      await opened?.dynamodb().send(new DeleteTableCommand({ TableName }));
      await opened?.close();
    });

    it("puts an item once where it must not exist", async () => {
      const command = new PutItemCommand({
        TableName,
        Item: item("once", "a"),
        ConditionExpression: "attribute_not_exists(id)",
      });
      await client().send(command);
      await expectError(client().send(command), "ConditionalCheckFailedException");
    });

    it("lets one of two swaps win that read the same blob", async () => {
      await put(item("swap", "a", { blob: { B: Buffer.from([1]) } }));
      const swap = (byte: number) =>
        client().send(
          new UpdateItemCommand({
            TableName,
            Key: item("swap", "a"),
            UpdateExpression: "SET #blob = :next",
            ConditionExpression: "#blob = :old",
            ExpressionAttributeNames: { "#blob": "blob" },
            ExpressionAttributeValues: { ":old": { B: Buffer.from([1]) }, ":next": { B: Buffer.from([byte]) } },
          }),
        );
      const results = await Promise.allSettled([swap(2), swap(3)]);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await get("swap", "a"))?.blob?.B).not.toEqual(new Uint8Array([1]));
    });

    it("writes and reads in batches", async () => {
      const sorts = Array.from({ length: 25 }, (_, index) => String(index).padStart(2, "0"));
      const requests = sorts.map((sort) => ({ PutRequest: { Item: item("batch", sort, { n: { N: sort } }) } }));
      const written = await client().send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
      expect(written.UnprocessedItems ?? {}).toEqual({});
      const Keys = sorts.map((sort) => item("batch", sort));
      const read = await client().send(
        new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
      );
      expect(read.Responses?.[TableName]).toHaveLength(25);
    });

    it("gives a partition in order, page by page", async () => {
      for (const sort of ["c", "a", "d", "b"]) await put(item("pages", sort));
      const seen: (string | undefined)[] = [];
      let start: Item | undefined;
      do {
        const page = await client().send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: "id = :id",
            ExpressionAttributeValues: { ":id": { S: "pages" } },
            ConsistentRead: true,
            Limit: 3,
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        seen.push(...(page.Items ?? []).map(({ sort }) => sort?.S));
        start = page.LastEvaluatedKey;
      } while (start);
      expect(seen).toEqual(["a", "b", "c", "d"]);
    });

    it("gives each item to exactly one segment of a parallel scan", async () => {
      for (let index = 0; index < 20; index += 1) await put(item(`scan-${index}`, "a"));
      const segments = await Promise.all(
        [0, 1, 2, 3].map((Segment) => client().send(new ScanCommand({ TableName, Segment, TotalSegments: 4 }))),
      );
      const ids = segments
        .flatMap(({ Items = [] }) => Items.map(({ id }) => id?.S))
        .filter((id) => id?.startsWith("scan-"));
      expect(ids).toHaveLength(20);
      expect(new Set(ids).size).toBe(20);
    });

    it("keeps attribute names like __proto__ and any Unicode", async () => {
      const context = { M: { ["__proto__"]: { S: "a" }, constructor: { S: "b" }, "ключ 🔑": { S: "значение" } } };
      await put(item("names", "a", { context }));
      const stored = (await get("names", "a"))?.context?.M ?? {};
      expect(Object.keys(stored).sort()).toEqual(Object.keys(context.M).sort());
    });

    it("refuses an item over 400 KB", async () => {
      await expectError(put(item("large", "a", { blob: { B: Buffer.alloc(410_000) } })), "ValidationException");
      await put(item("large", "a", { blob: { B: Buffer.alloc(400_000) } }));
    });

    it("tells a table that is not there", async () => {
      const absent = new GetItemCommand({ TableName: `${TableName}-absent`, Key: item("a", "b") });
      await expectError(client().send(absent), "ResourceNotFoundException");
    });

    itCan(target, "dynamodb.partiql", "answers each statement of a batch by itself", async () => {
      await put(item("partiql", "a", { rev: { N: "1" } }));
      await put(item("partiql", "b", { rev: { N: "1" } }));
      const update = (sort: string, rev: string) => ({
        Statement: `UPDATE "${TableName}" SET "rev"=? WHERE "id"=? AND "sort"=? AND "rev"=?`,
        Parameters: [{ N: "2" }, { S: "partiql" }, { S: sort }, { N: rev }],
      });
      const answer = await client().send(
        new BatchExecuteStatementCommand({ Statements: [update("a", "1"), update("b", "7")] }),
      );
      const codes = (answer.Responses ?? []).map((response) => response.Error?.Code);
      expect(codes).toEqual([undefined, "ConditionalCheckFailed"]);
    });
  });
}
