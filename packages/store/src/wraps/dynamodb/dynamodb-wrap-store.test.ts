import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWrapStore } from "../../contract/index.ts";
import { type Backend, startBackend } from "../../testing/backend.ts";
import { dynamodbSubject } from "../../testing/wraps/dynamodb-subjects.ts";
import { createDynamodbWrapStore } from "./dynamodb-wrap-store.ts";
import type { DynamodbWrapMapping } from "./wrap-mapping.ts";

const sound: DynamodbWrapMapping = {
  partition: { name: "id" },
  blob: { attribute: "wrapped" },
  labels: { material: "material" },
  context: { attributes: { tenant: "tenant" } },
};

const refused: readonly (readonly [string, Partial<DynamodbWrapMapping>])[] = [
  ["one attribute for two labels", { labels: { material: "x", campaign: "x" } }],
  ["the blob among the labels", { labels: { material: "wrapped" } }],
  ["the key among the labels", { keyArn: { attribute: "id" } }],
  ["one attribute twice in the key", { sort: { name: "id" } }],
  ["a context that a swap would change", { context: { attributes: { material: "material" } } }],
  ["a context key with attribute and constant", { context: { attributes: { a: "b" }, constants: { a: "c" } } }],
  ["a name that would end the quotes", { blob: { attribute: 'wrapped"' } }],
];

describe("wraps in a DynamoDB table that was there before, on the embedded DynamoDB", () => {
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend("dynalite");
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  describe.each(["tenantKeys", "sessionKeys"] as const)("%s", (kind) => {
    describeWrapStore(async () => dynamodbSubject(await backend.subject("single"), kind));
  });

  const create = async (mapping: Partial<DynamodbWrapMapping>, name = "orders") =>
    createDynamodbWrapStore({
      ...(await backend.subject("single")),
      name,
      region: "us-east-1",
      table: "orders-keys",
      mapping: { ...sound, ...mapping },
    });

  it.each(refused)("a mapping with %s is refused", async (_, mapping) => {
    await expect(create(mapping)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID", retryable: false });
  });

  it.each(["", "dekhand", "a#b", "a b", "x".repeat(65)])("the name %j is refused", async (name) => {
    await expect(create({}, name)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
  });

  it("a table that is not there is said to be missing", async () => {
    const store = await create({});
    await expect(store.scan({ index: 0, of: 1 })).rejects.toMatchObject({
      code: "STORE_TABLE_MISSING",
      retryable: true,
    });
  });
});
