/**
 * The wraps of the private transit keys: one for each key and Region, inside the
 * key's item of the state table. Those of retired keys count like the others: a
 * quarantined payload may still need them.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../../dynamodb/call-options.ts";
import { forEachLimited } from "../../dynamodb/for-each-limited.ts";
import { storeFailure } from "../../dynamodb/store-failure.ts";
import { requireKeyText } from "../../items/keys.ts";
import { transitKind } from "../../state/state-items.ts";
import { createStateTable } from "../../state/state-table.ts";
import type { TableNames } from "../../tables/table-definitions.ts";
import { requireScan } from "../check-call.ts";
import { readPage } from "../found-wrap.ts";
import { failedSwap, outcomeOf } from "../swap-outcomes.ts";
import type { SwapOutcome, WrapStore, WrapSwap } from "../wrap-types.ts";
import { swapTransitWrap } from "./swap-transit-wrap.ts";
import { hasTransitWrap, readTransitWrap, transitBlob } from "./transit-wrap.ts";

export interface TransitWrapStoreDeps {
  /** Of the Region whose state table holds the keys. */
  readonly client: DynamoDBClient;
  readonly tables: Pick<TableNames, "state">;
  /** Whose wraps: those of that Region's KMS. */
  readonly region: string;
}

/** There are a handful of keys. */
const maxSegments = 1;
const maxSwapsAtOnce = 8;
const maxRegionBytes = 200;

/** The id of a wrap is its transit key's. Reads are consistent. Throws STORE_VALUE_INVALID for what is no Region. */
export function createTransitWrapStore({ client, tables, region }: TransitWrapStoreDeps): WrapStore {
  requireKeyText("a Region", region, maxRegionBytes);
  const table = createStateTable(client, tables.state);

  const swapOne = async (swap: WrapSwap, options: CallOptions): Promise<SwapOutcome> => {
    if (await swapTransitWrap({ client, table: tables.state, region }, swap, options)) return { kind: "swapped" };
    const item = await table.get(transitKind, swap.id, options);
    return outcomeOf(swap, item && transitBlob(item, region));
  };

  return {
    name: "transit",
    region,
    labels: { keyArn: true, material: true, campaign: true },
    segments: () => maxSegments,
    async scan(segment, options = {}) {
      const { cursor: after, signal } = options;
      const limit = requireScan(segment, options, maxSegments);
      const { items, last } = await table.page(transitKind, { after, limit, signal });
      const page = readPage(
        items.filter((item) => hasTransitWrap(item, region)),
        ({ id }) => id?.S ?? "",
        (item) => readTransitWrap(item, region),
      );
      return last === undefined ? page : { ...page, cursor: last };
    },
    async read(id, options = {}) {
      const item = await table.get(transitKind, id, options);
      return item && hasTransitWrap(item, region) ? readTransitWrap(item, region) : undefined;
    },
    async swap(swaps, options = {}) {
      const outcomes: SwapOutcome[] = [];
      await forEachLimited([...swaps.entries()], maxSwapsAtOnce, async ([index, swap]) => {
        try {
          outcomes[index] = await swapOne(swap, options);
        } catch (error) {
          outcomes[index] = failedSwap(error, options.signal, (cause) => storeFailure(cause, "UpdateItem"));
        }
      });
      return outcomes;
    },
  };
}
