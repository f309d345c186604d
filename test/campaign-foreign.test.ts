import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type AttributeValue, ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { progressOf, viewCampaign } from "@dekhand/campaign";
import { createLogger } from "@dekhand/runtime";
import { type OpenPostgres, openPostgres } from "@dekhand/store";
import { eventually, seededRandom, spawnScript } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkedCensus } from "./chaos/check-evidence.ts";
import { configWith } from "./chaos/config-with.ts";
import { type BlobDigests, fillDocuments, fillOrders } from "./chaos/foreign/fill-stores.ts";
import { documents, keyOf, orders, wrapStores } from "./chaos/foreign/owners.ts";
import { runInChaos } from "./chaos/run-in-chaos.ts";
import { sha256 } from "./chaos/sha256.ts";
import { unwrapAll, type WrapToOpen } from "./chaos/unwrap-all.ts";
import { region, type Stack, startStack } from "./stack/start-stack.ts";

type Item = Record<string, AttributeValue>;

/** Wraps in each of the two stores. */
const count = 50_000;
/** Of them are read by their owner's application, in each. */
const readings = 2_500;
const seed = Number(process.env.DEKHAND_CHAOS_SEED ?? randomInt(2 ** 31));

describe(`wraps of others, through kill -9 of rewrappers (DEKHAND_CHAOS_SEED=${seed})`, { timeout: 900_000 }, () => {
  const opened = new AsyncDisposableStack();
  let stack: Stack;
  let postgres: OpenPostgres;
  let configFile: string;
  let keys: { readonly orders: string; readonly newOrders: string; readonly documents: string };
  let before: { readonly orders: BlobDigests; readonly documents: BlobDigests };
  let url: string;

  beforeAll(async () => {
    stack = opened.use(await startStack());
    const script = fileURLToPath(new URL("./chaos/foreign/postgres-main.ts", import.meta.url));
    const server = opened.use(await spawnScript({ script, ready: /^ready / }));
    url = server.readyLine.slice("ready ".length);
    postgres = opened.use(await openPostgres({ connectionString: url, logger: createLogger({ service: "test" }) }));
    const [ordersKey, newOrders, documentsKey] = await Promise.all([createKey(), createKey(), createKey()]);
    keys = { orders: ordersKey, newOrders, documents: documentsKey };
    const stores = wrapStores(region, { orders: [ordersKey, newOrders], documents: [documentsKey] });
    ({ configFile } = await configWith(stack.embedded.configFile, "with-stores", { wrapStores: stores }));
    const [ofOrders, ofDocuments] = await Promise.all([
      fillOrders(stack, { keyArn: ordersKey, count }),
      fillDocuments(stack, { keyArn: documentsKey, count }, { url, query: postgres.query }),
    ]);
    before = { orders: ofOrders, documents: ofDocuments };
    await stack.clients.region(region).kms.send(new RotateKeyOnDemandCommand({ KeyId: documentsKey }));
  }, 600_000);
  afterAll(() => opened.disposeAsync());

  it("50,000 in DynamoDB go from key to key, and 50,000 in Postgres to new key material", async () => {
    const key = [
      ...["--kind", "key", "--from", keys.orders, "--to", keys.newOrders, "--store", "orders"],
      ...["--probe-by", "decrypt", "--confirm", "the orders' owner"],
    ];
    const rotation = ["--kind", "rotation", "--from", keys.documents, "--store", "documents"];
    const swapped = new Map<string, string>();
    const report = await runInChaos(stack, {
      campaigns: { "foreign-key": key, "foreign-rotation": rotation },
      ...{ wraps: 2 * count, workBetweenKills: 0.05, seed, configFile },
      secrets: { DEKHAND_DOCUMENTS_URL: url },
      async beside(over) {
        const isHalfWay = async () => over.aborted || (await rewrapped("foreign-key")) >= count / 2;
        await eventually(isHalfWay, { timeoutMs: 600_000, intervalMs: 250 });
        for (const { orderId, wrappedKey, rewrappedBy } of await scanOrders({ TotalSegments: 10, Segment: 3 })) {
          if (rewrappedBy) swapped.set(orderId?.S ?? "", wrappedKey?.S ?? "");
        }
      },
    });
    expect(report.kills.running, "rewrappers killed while there was work").toBeGreaterThanOrEqual(8);
    expect(report.killsAtWork, "of them with segments in hand").toBeGreaterThanOrEqual(5);
    // What was swapped half-way is never swapped again.
    const now = new Map((await scanOrders()).map((item) => [item.orderId?.S ?? "", item.wrappedKey?.S]));
    expect(swapped.size).toBeGreaterThan(100);
    expect(some([...swapped].filter(([id, blob]) => now.get(id) !== blob))).toEqual([]);
  });

  it("every order is labelled as the campaign's and has another blob, and every document's has changed once", async () => {
    const items = await scanOrders();
    expect(items).toHaveLength(count);
    const labels = Object.entries({ kmsKey: keys.newOrders, rewrappedBy: "foreign-key" });
    expect(some(items.filter((item) => labels.some(([name, value]) => item[name]?.S !== value)))).toEqual([]);
    const isSame = (digests: BlobDigests, id: string, blob: Uint8Array) => digests.get(id)?.equals(sha256(blob));
    expect(some(items.map(readOrder).filter(({ id, blob }) => isSame(before.orders, id, blob)))).toEqual([]);

    const { rows } = await postgres.query("SELECT id, wrapped, changes FROM document_keys", []);
    expect(rows).toHaveLength(count);
    expect(some(rows.filter(({ changes }) => changes !== 1))).toEqual([]);
    expect(some(rows.map(readDocument).filter(({ id, blob }) => isSame(before.documents, id, blob)))).toEqual([]);
  });

  it("their old readers still unwrap them, with contexts of their own and no word of the key", async () => {
    const random = seededRandom(seed);
    const sampled = new Set<number>();
    while (sampled.size < readings) sampled.add(Math.floor(random() * count));

    const orderIds = new Set([...sampled].map((number) => orders.idOf(number)));
    const ofOrders = (await scanOrders()).map(readOrder).filter(({ id }) => orderIds.has(id));
    await requireKeys("order", ofOrders);

    const { rows } = await postgres.query("SELECT id, wrapped FROM document_keys WHERE id = ANY($1::bigint[])", [
      [...sampled].map((number) => documents.idOf(number)),
    ]);
    await requireKeys("document", rows.map(readDocument));
  });

  it("evidence counts every wrap of both, and says of the store without labels what it cannot tell", async () => {
    const ofOrders = await checkedCensus(stack, "foreign-key", "orders");
    expect(ofOrders.before).toMatchObject([{ whole: true, groups: [{ keyArn: keys.orders, swapped: false, count }] }]);
    expect(ofOrders.closing).toMatchObject([
      { whole: true, groups: [{ keyArn: keys.newOrders, swapped: true, count }], judged: { current: count } },
    ]);
    const ofDocuments = await checkedCensus(stack, "foreign-rotation", "documents");
    expect(ofDocuments.before).toMatchObject([{ whole: true, groups: [{ swapped: false, count }] }]);
    expect(ofDocuments.closing).toMatchObject([{ whole: true, judged: { unlabelled: count } }]);
  });

  async function createKey(): Promise<string> {
    const { KeyMetadata } = await stack.clients.region(region).kms.send(new CreateKeyCommand({}));
    if (KeyMetadata?.Arn === undefined) throw new Error("a key has an ARN");
    return KeyMetadata.Arn;
  }

  /** Wraps of the campaign's sweep that a checkpoint says are done with. */
  async function rewrapped(id: string): Promise<number> {
    const view = await viewCampaign(stack.stores.campaigns, id);
    const progress = view && progressOf(view);
    return progress?.phase === "rewrap" ? progress.items.done : 0;
  }

  async function scanOrders(part: { readonly TotalSegments?: number; readonly Segment?: number } = {}) {
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const command = new ScanCommand({ TableName: orders.table, ExclusiveStartKey: from, ...part });
      const page = await stack.clients.region(region).dynamodb.send(command);
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from);
    return items;
  }

  async function requireKeys(kind: "order" | "document", wraps: readonly WrapToOpen[]) {
    expect(wraps).toHaveLength(readings);
    const held = await unwrapAll(stack, wraps);
    const wrong = [...held].filter(([id, digest]) => !digest.equals(sha256(keyOf(kind, id))));
    expect(some(wrong)).toEqual([]);
  }
});

/** The first of what should not be there: all 50,000 would say no more. */
function some<T>(found: readonly T[]): readonly T[] {
  return found.slice(0, 3);
}

function readOrder({ orderId, wrappedKey }: Item): WrapToOpen {
  const id = orderId?.S ?? "";
  return { id, blob: Buffer.from(wrappedKey?.S ?? "", "base64"), context: orders.context(id) };
}

function readDocument({ id: number, wrapped }: Readonly<Record<string, unknown>>): WrapToOpen {
  if (!(wrapped instanceof Uint8Array)) throw new TypeError("a row has a blob");
  const id = String(number);
  return { id, blob: wrapped, context: documents.context(id) };
}
