import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { ReEncryptCommand } from "@aws-sdk/client-kms";
import { createAwsClients, type RegionClients } from "@dekhand/aws";
import { createLogger } from "@dekhand/runtime";
import { createConditionalWriter, createDekhandWrapStore, tableNames } from "@dekhand/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentials, region } from "../settings.ts";
import { itemsOfDek, kmsContextOf } from "../wire-items.ts";
import { makeBlob } from "./blobs.ts";
import { keyArnOf, materialOf } from "./kms-answers.ts";
import { startEndpoint } from "./start-endpoint.ts";
import { createWrapTable } from "./wrap-table.ts";

const tables = tableNames("bench");
const wraps = 30;

describe("the loopback endpoint", () => {
  const stack = new AsyncDisposableStack();
  let clients: RegionClients;
  let writer: ReturnType<typeof createConditionalWriter>;

  beforeAll(async () => {
    const table = createWrapTable();
    for (let at = 0; at < wraps; at++) {
      const context = kmsContextOf(`dek-${at}`, at);
      const blob = makeBlob(0, context).toString("base64");
      const wrap = { keyArn: keyArnOf(0), blob, material: materialOf(0), context };
      for (const item of itemsOfDek(`dek-${at}`, wrap)) table.put(item);
    }
    const { url } = stack.use(await startEndpoint(new Map([[tables.deks, table]])));
    const endpoints = { [region]: { kms: url, dynamodb: url } };
    const all = stack.adopt(createAwsClients({ regions: [region], endpoints, credentials }), (each) => each.destroy());
    clients = all.region(region);
    const logger = createLogger({ service: "test", level: "silent" });
    writer = createConditionalWriter({ client: clients.dynamodb, logger });
  });
  afterAll(() => stack.disposeAsync());

  const store = () => createDekhandWrapStore({ client: clients.dynamodb, writer, tables, region });

  it("is spoken to in batches of statements", async () => {
    expect(await writer.probe()).toBe("batch");
  });

  it("shows every wrap once, over all segments and pages", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 4; index++) {
      let cursor: string | undefined;
      do {
        const page = await store().scan({ index, of: 4 }, { pageSize: 7, ...(cursor === undefined ? {} : { cursor }) });
        ids.push(...page.wraps.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
    expect(ids.toSorted()).toEqual(Array.from({ length: wraps }, (_, at) => `dek-${at}`).toSorted());
  });

  it("writes where a condition holds, and nothing where it does not", async () => {
    const update = (dekId: string, blob: Buffer) => ({
      kind: "update" as const,
      table: tables.deks,
      key: { dekId: { S: dekId }, item: { S: `wrap#${region}` } },
      when: { keyArn: { S: keyArnOf(0) } },
      set: { keyArn: { S: keyArnOf(1) }, blob: { B: blob } },
      remove: ["material"],
    });
    const blob = makeBlob(1, kmsContextOf("dek-0", 0));
    expect(await writer.write([update("dek-0", blob), update("nobody", blob)])).toEqual([
      { kind: "done" },
      { kind: "conflict" },
    ]);
    expect(await writer.write([update("dek-0", Buffer.from("too late"))])).toEqual([{ kind: "conflict" }]);
    const { wraps: changed } = await store().scan({ index: 0, of: 1 });
    const first = changed.find(({ id }) => id === "dek-0");
    expect(first?.keyArn).toBe(keyArnOf(1));
    expect(blob.equals(first?.blob ?? Buffer.alloc(0))).toBe(true);
    expect(first).not.toHaveProperty("material");
  });

  it("re-encrypts under the key and with the context of the blob only", async () => {
    const context = { tenant: "a" };
    const reEncrypt = (key: number, sourceContext: Record<string, string>) =>
      clients.kms.send(
        new ReEncryptCommand({
          SourceKeyId: keyArnOf(key),
          SourceEncryptionContext: sourceContext,
          CiphertextBlob: makeBlob(0, context),
          DestinationKeyId: keyArnOf(1),
          DestinationEncryptionContext: context,
        }),
      );
    expect(await reEncrypt(0, context)).toMatchObject({ KeyId: keyArnOf(1), DestinationKeyMaterialId: materialOf(1) });
    await expect(reEncrypt(1, context)).rejects.toMatchObject({ name: "IncorrectKeyException" });
    await expect(reEncrypt(0, { tenant: "b" })).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  });

  it("refuses what it does not understand", async () => {
    const scan = new ScanCommand({ TableName: tables.deks, FilterExpression: "attribute_exists(keyArn)" });
    await expect(clients.dynamodb.send(scan)).rejects.toMatchObject({ name: "ValidationException" });
  });
});
