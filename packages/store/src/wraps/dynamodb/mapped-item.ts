/** Between an item of a mapped table and a wrap. */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { bytesOf } from "../../items/item-reader.ts";
import { bytes, text } from "../../items/write-values.ts";
import type { Attributes, UpdateWrite } from "../../writer/conditional-write.ts";
import { decodeBlobText, encodeBlobText } from "../blob-encoding.ts";
import { malformedWrap, readFoundWrap } from "../found-wrap.ts";
import type { WrapRef, WrapSwap } from "../wrap-types.ts";
import type { DynamodbWrapMapping } from "./wrap-mapping.ts";

/** Throws STORE_ITEM_MALFORMED. */
export function readMapped(item: Attributes, id: string, mapping: DynamodbWrapMapping): WrapRef {
  const { keyArn, labels = {} } = mapping;
  const label = (name: string | undefined) => (name === undefined ? undefined : unwrapped(item[name]));
  return readFoundWrap({
    id,
    blob: readMappedBlob(item, mapping),
    keyArn: keyArn && "constant" in keyArn ? keyArn.constant : label(keyArn?.attribute),
    material: label(labels.material),
    campaign: label(labels.campaign),
    wrappedAt: label(labels.wrappedAt),
    context: readContext(item, id, mapping),
  });
}

/** Undefined where the blob is not what the mapping says. */
export function readMappedBlob(item: Attributes, { blob }: DynamodbWrapMapping): Uint8Array | undefined {
  const value = item[blob.attribute];
  if (blob.encoding !== "base64") return value && bytesOf(value);
  return value?.S === undefined ? undefined : decodeBlobText(value.S);
}

/** Sets the blob and the labels that the table keeps, and nothing else. */
export function mappedChange(
  { oldBlob, next }: WrapSwap,
  { blob, keyArn, labels = {} }: DynamodbWrapMapping,
): Pick<UpdateWrite, "when" | "set" | "remove"> {
  const stored = (value: Uint8Array) => (blob.encoding === "base64" ? text(encodeBlobText(value)) : bytes(value));
  const kept: readonly (readonly [string | undefined, string | undefined])[] = [
    [keyArn && "attribute" in keyArn ? keyArn.attribute : undefined, next.keyArn],
    [labels.material, next.material],
    [labels.campaign, next.campaign],
    [labels.wrappedAt, next.wrappedAt],
  ];
  const set: Record<string, AttributeValue> = { [blob.attribute]: stored(next.blob) };
  const remove: string[] = [];
  for (const [name, value] of kept) {
    if (name === undefined) continue;
    if (value === undefined) remove.push(name);
    else set[name] = text(value);
  }
  return { when: { [blob.attribute]: stored(oldBlob) }, set, remove };
}

function readContext(item: Attributes, id: string, { context = {} }: DynamodbWrapMapping): Record<string, string> {
  const entries = Object.entries(context.attributes ?? {}).map(([key, name]): [string, string] => {
    const value = item[name]?.S ?? item[name]?.N;
    if (value === undefined) throw malformedWrap(id, `the context's attribute ${name} is neither text nor number`);
    return [key, value];
  });
  return Object.fromEntries([...entries, ...Object.entries(context.constants ?? {})]);
}

/** Text as such, NULL as none; anything else as what it is, to be refused where text is wanted. */
function unwrapped(value: AttributeValue | undefined): unknown {
  return value?.NULL ? undefined : (value?.S ?? value);
}
