/** What planning and creating tables guarantees on every endpoint. */

import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { createTables } from "../tables/create-tables.ts";
import { planTables } from "../tables/plan-tables.ts";
import { tableDefinitions, tableNames } from "../tables/table-definitions.ts";
import type { ContractSetup } from "./contract-subject.ts";

export function describeTables(setup: ContractSetup): void {
  describe("tables", () => {
    let client: DynamoDBClient;
    let suite: string;

    beforeAll(async () => {
      const subject = await setup();
      client = subject.client;
      suite = subject.tables.deks;
    });

    const kinds = async (prefix: string) => (await planTables(client, tableNames(prefix))).map(({ kind }) => kind);

    it("a plan changes nothing, creating follows it, and a second time there is nothing to do", async () => {
      const prefix = `${suite}-plan`;
      expect(await kinds(prefix)).toEqual(["missing", "missing", "missing", "missing"]);
      expect(await kinds(prefix)).toEqual(["missing", "missing", "missing", "missing"]);
      const tables = tableNames(prefix);
      expect(await createTables(client, tables, { pollMs: 5 })).toEqual([
        tables.deks,
        tables.records,
        tables.state,
        tables.campaigns,
      ]);
      expect(await kinds(prefix)).toEqual(["ready", "ready", "ready", "ready"]);
      expect(await createTables(client, tables)).toEqual([]);
    });

    it("two that create at once both succeed, and each table is created by one of them", async () => {
      const tables = tableNames(`${suite}-race`);
      const created = await Promise.all([1, 2].map(() => createTables(client, tables, { pollMs: 5 })));
      expect(created.flat().sort()).toEqual(
        tableDefinitions(tables)
          .map(({ name }) => name)
          .sort(),
      );
    });

    it("a table with other keys is named, left alone, and nothing else is created", async () => {
      const prefix = `${suite}-other`;
      const tables = tableNames(prefix);
      await client.send(
        new CreateTableCommand({
          TableName: tables.records,
          BillingMode: "PAY_PER_REQUEST",
          KeySchema: [{ AttributeName: "recordId", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "recordId", AttributeType: "N" }],
        }),
      );
      const plan = await planTables(client, tables);
      expect(plan[1]).toMatchObject({ kind: "unsuitable", found: "recordId (N)" });
      await expect(createTables(client, tables)).rejects.toMatchObject({
        code: "STORE_TABLE_SCHEMA",
        message: expect.stringContaining(`${tables.records} has the keys recordId (N)`),
      });
      expect(await kinds(prefix)).toEqual(["missing", "unsuitable", "missing", "missing"]);
    });

    it("creating ends with the signal's reason when that is aborted", async () => {
      const reason = new Error("stopped");
      const signal = AbortSignal.abort(reason);
      await expect(createTables(client, tableNames(`${suite}-abort`), { signal })).rejects.toBe(reason);
    });

    it.each(["", "a b", "x".repeat(201), "naïve"])("the prefix %j is refused", (prefix) => {
      expect(() => tableNames(prefix)).toThrow(expect.objectContaining({ code: "STORE_VALUE_INVALID" }));
    });
  });
}
