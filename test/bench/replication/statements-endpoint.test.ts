import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startLocalAws } from "@dekhand/local-aws";
import { createLogger } from "@dekhand/runtime";
import { createConditionalWriter, createTables, tableNames } from "@dekhand/store";
import { expect, it } from "vitest";
import { credentials, home } from "./settings.ts";
import { startStatementsEndpoint } from "./statements-endpoint.ts";

it("an endpoint with statements writes where there is nothing, tells what was there, and hands everything else on", async () => {
  await using aws = await startLocalAws({ regions: [home] });
  await using endpoint = await startStatementsEndpoint(aws.endpoints[home] ?? "");
  const client = new DynamoDBClient({ region: home, endpoint: endpoint.url, credentials });
  const tables = tableNames("test");
  await createTables(client, tables, { pollMs: 10 });
  const writer = createConditionalWriter({ client, logger: createLogger({ service: "test", level: "silent" }) });
  const put = (dekId: string) => ({
    kind: "insert" as const,
    table: tables.deks,
    key: { dekId: { S: dekId }, item: { S: "dek" } },
    item: { context: { M: { tenant: { S: "acme" } } }, blob: { B: Buffer.from("bytes") } },
  });
  expect(await writer.probe()).toBe("batch");
  expect(await writer.write([put("a"), put("b")])).toEqual([{ kind: "done" }, { kind: "done" }]);
  expect(await writer.write([put("b"), put("c")])).toEqual([{ kind: "conflict" }, { kind: "done" }]);
  expect(aws.control.callCounts()[home]?.dynamodb.PutItem?.calls).toBe(4);
  client.destroy();
});
