import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { CopyTarget } from "../copies/copied-kind.ts";
import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import type { Attributes } from "../writer/conditional-write.ts";
import { dekAttributes, dekItemName, dekKey, wrapAttributes, wrapItemName } from "./dek-items.ts";
import type { InsertOptions, NewDek, Wrap } from "./dek-types.ts";

/** Returns once DEK and wraps are durable. Throws StoreError, and the signal's reason. */
export async function insertDek(
  target: CopyTarget,
  dek: NewDek,
  wrap: Wrap,
  { moreWraps = [], signal }: InsertOptions,
): Promise<void> {
  const wraps = [wrap, ...moreWraps].map((one) => ({
    key: dekKey(dek.dekId, wrapItemName(one.region)),
    item: wrapAttributes(one),
    fingerprint: "blob",
  }));
  // Two calls, wraps first: a crash between them leaves wraps that nothing names, never a DEK that nothing opens.
  await insertOnce(target, wraps, { signal });
  const key = dekKey(dek.dekId, dekItemName);
  await insertOnce(target, [{ key, item: dekAttributes(dek), fingerprint: "commitment" }], { signal });
}

interface Insertion {
  readonly key: { readonly dekId: AttributeValue.SMember; readonly item: AttributeValue.SMember };
  readonly item: Attributes;
  readonly fingerprint: string;
}

/** Inserts items; one that is there already is accepted when it is the same by its `fingerprint` attribute. */
async function insertOnce(
  { client, writer, table }: CopyTarget,
  insertions: readonly Insertion[],
  options: CallOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const writes = insertions.map(({ key, item }) => ({ kind: "insert", table, key, item }) as const);
  const results = await writer.write(writes, options);
  options.signal?.throwIfAborted();
  for (const result of results) if (result.kind === "failed") throw result.error;
  for (const [position, { key, item, fingerprint }] of insertions.entries()) {
    if (results[position]?.kind === "done") continue;
    // A write whose answer was lost is sent again by the SDK and then meets itself.
    const [stored] = await batchGet(client, table, [key], { ...options, attributes: [fingerprint] });
    const expected = item[fingerprint]?.B;
    const found = stored?.[fingerprint]?.B;
    if (expected && found && Buffer.compare(expected, found) === 0) continue;
    throw new StoreError("STORE_DEK_EXISTS", "another DEK or wrap of that id exists", {
      context: { dekId: key.dekId.S, item: key.item.S },
    });
  }
}
