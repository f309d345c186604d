import { type AttributeValue, DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { ContractSubject } from "../../contract/contract-subject.ts";
import type { OwnedWrap, WrapStoreSubject } from "../../contract/wrap-subject.ts";
import { createStateStore } from "../../state/state-store.ts";
import { createTransitWrapStore } from "../../wraps/transit/transit-wrap-store.ts";

type Item = Record<string, AttributeValue>;

const region = "us-east-1";
const otherWrap = { keyArn: "arn:aws:kms:eu-west-1:111122223333:key/other", blob: Buffer.from("other") };

/** The state table, with other kinds of items, retired keys, and another Region's wraps beside those looked for. */
export function transitSubject({ client, tables }: ContractSubject): WrapStoreSubject {
  const TableName = tables.state;
  const state = createStateStore({ client, tables });
  const keyOf = (id: string) => ({ kind: { S: "transit" }, id: { S: id } });
  let keys = 0;

  const putKey = async (id: string, wraps: Parameters<typeof state.putTransitKey>[0]["wraps"]) => {
    keys += 1;
    const publicKey = Buffer.from(`public half of ${id}`);
    const createdAt = "2026-11-23T10:00:00.000Z";
    await state.putTransitKey({ id, publicKey, wraps, status: keys % 2 === 0 ? "active" : "retired", createdAt });
    return id;
  };

  return {
    store: createTransitWrapStore({ client, tables, region }),
    contextOf: ({ name }) => ({ "dekhand:transit": name }),
    async put(wraps) {
      await state.getOrCreateHome("people", region);
      await putKey(`elsewhere-${keys}`, { "eu-west-1": otherWrap });
      return Promise.all(
        wraps.map(({ name, blob, keyArn, material }: OwnedWrap) => {
          const wrap = { keyArn, blob, ...(material === undefined ? {} : { material }) };
          return putKey(name, { "eu-west-1": otherWrap, [region]: wrap });
        }),
      );
    },
    async remove(id) {
      await client.send(new DeleteItemCommand({ TableName, Key: keyOf(id) }));
    },
    async putMalformed() {
      const sound = { keyArn: { S: "arn" }, blob: { B: Buffer.from("wrap") } };
      const broken: readonly Item[] = [
        { ...sound, blob: { S: "canary" } },
        { ...sound, blob: { B: new Uint8Array() } },
        { ...sound, keyArn: { N: "1" } },
        { ...sound, campaign: { L: [{ S: "canary" }] } },
        { blob: sound.blob },
      ];
      const items: readonly Item[] = [
        ...broken.map((wrap) => ({ wraps: { M: { [region]: { M: wrap } } } })),
        { wraps: { M: { [region]: { S: "canary" } } } },
        { wraps: { S: "canary" } },
        { publicKey: { S: "canary" } },
      ];
      const put = (item: Item, index: number) =>
        client.send(new PutItemCommand({ TableName, Item: { ...keyOf(`broken-${index}`), ...item } }));
      await Promise.all(items.map(put));
      return items.map((_, index) => `broken-${index}`);
    },
    async restOf(id) {
      const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }));
      const wraps = Object.entries(Item.wraps?.M ?? {}).filter(([name]) => name !== region);
      return { ...Item, wraps };
    },
  };
}
