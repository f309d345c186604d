import { CreateTableCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type CampaignTarget, createDynamodbWrapStore, type DynamodbWrapMapping, type WrapStore } from "@dekhand/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admitForeignWraps } from "./admit-wraps.ts";
import { rewrapPage } from "./rewrap-page.ts";
import { type CampaignRegion, type Deployment, region, startCampaignRegion } from "./testing/campaign-region.ts";
import { changedDeks, readWraps } from "./testing/read-wraps.ts";

const campaignId = "c1";
const count = 8;

/** What stores of others keep of a wrap beside its blob. */
const kept: readonly [string, Pick<DynamodbWrapMapping, "keyArn" | "labels">][] = [
  ["nothing", {}],
  ["the key ARN", { keyArn: { attribute: "cmk" } }],
  ["every label", { keyArn: { attribute: "cmk" }, labels: { material: "m", campaign: "c", wrappedAt: "w" } }],
];

describe("wraps of a store of others", () => {
  let home: CampaignRegion;
  let tables: Deployment;

  beforeAll(async () => {
    home = await startCampaignRegion();
    tables = await home.deployment();
  });
  afterAll(() => home[Symbol.asyncDispose]());

  /** A table with wraps as somebody's application made them, under contexts of its own. */
  const legacy = async (keyArn: string, mapping: Pick<DynamodbWrapMapping, "keyArn" | "labels">) => {
    const table = `legacy-${crypto.randomUUID()}`;
    const client = home.clients.dynamodb;
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      }),
    );
    const store = createDynamodbWrapStore({
      client,
      writer: tables.writer,
      name: "legacy",
      region,
      table,
      mapping: {
        partition: { name: "id" },
        blob: { attribute: "edek" },
        context: { attributes: { owner: "who" }, constants: { app: "shop" } },
        ...mapping,
      },
    });
    const born = new Map<string, Buffer>();
    await expect.poll(() => readWraps(store).catch(() => undefined)).toEqual([]);
    for (let index = 0; index < count; index += 1) {
      const context = { owner: `user-${index}`, app: "shop" };
      const { plaintext, blob } = await home.kms.generateDataKey({ keyArn, context });
      const Item = { id: { S: `${index}` }, edek: { B: blob }, who: { S: context.owner }, cmk: { S: keyArn } };
      await client.send(new PutItemCommand({ TableName: table, Item }));
      born.set(`user-${index}`, plaintext);
    }
    return { store, born };
  };

  const rewrapAll = async (store: WrapStore, target: CampaignTarget) => {
    const allowed = [...target.sources, target.keyArn];
    const deps = { store, kms: home.kms, admit: admitForeignWraps(allowed) };
    const { outcomes } = await rewrapPage(await readWraps(store), { campaignId, target }, deps);
    return outcomes;
  };

  const requireSame = async (store: WrapStore, keyArn: string, born: ReadonlyMap<string, Buffer>) => {
    const wraps = (await readWraps(store)).map((wrap) => ({ ...wrap, id: wrap.context.owner ?? "" }));
    expect(wraps).toHaveLength(count);
    expect(await changedDeks(wraps, keyArn, born, home.kms)).toEqual([]);
  };

  const all = <T>(value: T) => Array.from({ length: count }, () => value);

  describe.each(kept)("that keeps %s", (_, mapping) => {
    it("go from key to key, each once, whatever a crash has run again", async () => {
      const [from, to] = [await home.createKey(), await home.createKey()];
      const { store, born } = await legacy(from, mapping);
      const target = { store: "legacy", region, sources: [from], keyArn: to, material: await home.materialOf(to) };
      expect(await rewrapAll(store, target)).toEqual(all({ kind: "swapped", material: target.material }));
      const after = await readWraps(store);
      expect((await rewrapAll(store, target)).map(({ kind }) => kind)).toEqual(all("current"));
      expect(await readWraps(store)).toEqual(after);
      await requireSame(store, to, born);
    });

    it("go to new material of their key, each once, whatever a crash has run again", async () => {
      const key = await home.createKey();
      const { store, born } = await legacy(key, mapping);
      await home.aws.control.rotateKey(region, key);
      const rotatedAt = new Date().toISOString();
      const target = {
        store: "legacy",
        region,
        sources: [key],
        keyArn: key,
        material: await home.materialOf(key),
        rotatedAt,
      };
      expect(await rewrapAll(store, target)).toEqual(all({ kind: "swapped", material: target.material }));
      const after = await readWraps(store);
      expect((await rewrapAll(store, target)).map(({ kind }) => kind)).toEqual(all("current"));
      expect(await readWraps(store)).toEqual(after);
      await requireSame(store, key, born);
    });
  });

  it("under one key by configuration are found current after that key is left", async () => {
    const [from, to] = [await home.createKey(), await home.createKey()];
    const { store, born } = await legacy(from, { keyArn: { constant: from } });
    const target = { store: "legacy", region, sources: [from], keyArn: to };
    expect((await rewrapAll(store, target)).map(({ kind }) => kind)).toEqual(all("swapped"));
    expect(await rewrapAll(store, target)).toEqual(all({ kind: "current", by: "probe" }));
    await requireSame(store, to, born);
  });

  it("are not touched for a key that the configuration does not list for the store", async () => {
    const [from, to] = [await home.createKey(), await home.createKey()];
    const { store } = await legacy(from, {});
    const before = await readWraps(store);
    const target = { store: "legacy", region, sources: [from], keyArn: to };
    const deps = { store, kms: home.kms, admit: admitForeignWraps([from]) };
    const { outcomes } = await rewrapPage(before, { campaignId, target }, deps);
    expect(outcomes).toMatchObject(all({ kind: "failed", failure: { class: "quarantined" } }));
    expect(await readWraps(store)).toEqual(before);
  });
});
