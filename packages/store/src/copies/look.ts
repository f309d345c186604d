import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { cancelled } from "../dynamodb/request.ts";
import { storeFailure } from "../dynamodb/store-failure.ts";
import { StoreError } from "../errors.ts";
import type { Attributes } from "../writer/conditional-write.ts";
import type { CopiedKind, CopyTarget } from "./copied-kind.ts";

/** What stands under a key; `unknown`: it could not be asked for. */
export type Looked =
  | { readonly found: "nothing" }
  | { readonly found: "readable" | "unreadable"; readonly item: Attributes }
  | { readonly found: "unknown"; readonly error: StoreError };

/** What stands where each of these is to go, in their order; strongly consistent. Does not throw. */
export async function look<Place extends { readonly key: Attributes }>(
  { client, table }: Pick<CopyTarget, "client" | "table">,
  kind: CopiedKind,
  places: readonly Place[],
  options: CallOptions,
): Promise<readonly (Place & Looked)[]> {
  const [first] = places;
  if (!first) return [];
  const names = Object.keys(first.key);
  const keys = new Map(places.map(({ key }) => [keyText(key, names), key]));
  try {
    const attributes = [...names, ...kind.judged];
    const items = await batchGet(client, table, [...keys.values()], { ...options, attributes });
    const byKey = new Map(items.map((item) => [keyText(item, names), item]));
    return places.map((place) => ({ ...place, ...judge(kind, byKey.get(keyText(place.key, names))) }));
  } catch (failure) {
    const error = options.signal?.aborted ? cancelled(options.signal) : storeFailure(failure, "BatchGetItem");
    return places.map((place) => ({ ...place, found: "unknown", error }));
  }
}

function judge(kind: CopiedKind, item: Attributes | undefined): Looked {
  if (!item) return { found: "nothing" };
  try {
    kind.read(item);
    return { found: "readable", item };
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "STORE_ITEM_MALFORMED") throw error;
    return { found: "unreadable", item };
  }
}

/** The keys of every table are text. */
function keyText(item: Attributes, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => item[name]?.S));
}
