import { type AttributeValue, DeleteItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { ContractSubject } from "../../contract/contract-subject.ts";
import type { OwnedWrap, WrapStoreSubject } from "../../contract/wrap-subject.ts";
import { dekAttributes, wrapAttributes } from "../../deks/dek-items.ts";
import { createDekhandWrapStore } from "../../wraps/dekhand-wrap-store.ts";
import { sampleDek, sampleWrap } from "../samples.ts";

type Item = Record<string, AttributeValue>;

const region = "us-east-1";
const wrapItem = `wrap#${region}`;
const swapped = new Set(["blob", "keyArn", "material", "campaign", "wrappedAt"]);

/** Dekhand's own table, with DEKs and another Region's wraps beside those that are looked for. */
export function dekhandSubject({ client, writer, tables }: ContractSubject): WrapStoreSubject {
  const TableName = tables.deks;
  const put = (dekId: string, item: string, attributes: Item) =>
    client.send(new PutItemCommand({ TableName, Item: { dekId: { S: dekId }, item: { S: item }, ...attributes } }));

  const putOne = async (owned: OwnedWrap): Promise<string> => {
    const { name, keyArn, material, blob } = owned;
    const { material: _, ...bare } = sampleWrap({ keyArn, blob, context: contextOf(owned) });
    await put(name, "dek", dekAttributes(sampleDek({ dekId: name })));
    await put(name, "wrap#eu-west-1", wrapAttributes(sampleWrap({ region: "eu-west-1" })));
    await put(name, wrapItem, wrapAttributes(material === undefined ? bare : { ...bare, material }));
    return name;
  };

  return {
    store: createDekhandWrapStore({ client, writer, tables, region }),
    contextOf,
    put: (wraps) => Promise.all(wraps.map(putOne)),
    async remove(id) {
      await client.send(new DeleteItemCommand({ TableName, Key: { dekId: { S: id }, item: { S: wrapItem } } }));
    },
    async putMalformed() {
      const sound = wrapAttributes(sampleWrap());
      const broken: readonly Item[] = [
        { ...sound, blob: { S: "canary" } },
        { ...sound, blob: { B: new Uint8Array() } },
        { ...sound, keyArn: { N: "1" } },
        { ...sound, context: { M: { tenant: { L: [{ S: "canary" }] } } } },
        { keyArn: { S: "canary" } },
      ];
      await Promise.all(broken.map((item, index) => put(`broken-${index}`, wrapItem, item)));
      return broken.map((_, index) => `broken-${index}`);
    },
    async restOf(id) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "dekId = :id",
          ExpressionAttributeValues: { ":id": { S: id } },
          ConsistentRead: true,
        }),
      );
      return Items.map((item) =>
        item.item?.S === wrapItem ? Object.entries(item).filter(([name]) => !swapped.has(name)) : item,
      );
    },
  };
}

function contextOf({ name, tenant }: OwnedWrap): Record<string, string> {
  return { tenant, "dekhand:dek": name };
}
