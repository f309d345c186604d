import type { WireItem, WireValue } from "../wire-items.ts";
import { notUnderstood } from "./refusal.ts";
import { sameValue, type WrapTable } from "./wrap-table.ts";

export interface ScanInput {
  readonly Segment?: number;
  readonly TotalSegments?: number;
  readonly Limit?: number;
  readonly Select?: string;
  readonly ExclusiveStartKey?: WireItem;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, WireValue>>;
}

/** Segments are stretches of the table; the filter is one equation. */
export function scan(table: WrapTable, input: ScanInput): object {
  const { Segment = 0, TotalSegments = 1, Limit = 1_000, ExclusiveStartKey, Select } = input;
  const { items } = table;
  const from = Math.floor((items.length * Segment) / TotalSegments);
  const until = Math.floor((items.length * (Segment + 1)) / TotalSegments);
  const start = ExclusiveStartKey === undefined ? from : startBehind(table, ExclusiveStartKey);
  const end = Math.min(until, start + Limit);
  const matches = filterOf(input);
  const found = items.slice(start, end).filter(matches);
  const last = end < until ? items[end - 1] : undefined;
  return {
    ...(Select === "COUNT" ? {} : { Items: found.map(projectionOf(input)) }),
    Count: found.length,
    ScannedCount: Math.max(0, end - start),
    ...(last === undefined ? {} : { LastEvaluatedKey: { dekId: last.dekId, item: last.item } }),
  };
}

function startBehind(table: WrapTable, key: WireItem): number {
  const place = table.find(key);
  if (place === undefined) throw notUnderstood("a scan that goes on behind an item that is not there");
  return place + 1;
}

function filterOf(input: ScanInput): (item: WireItem) => boolean {
  const { FilterExpression, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
  if (FilterExpression === undefined) return () => true;
  const [, name = "", placeholder = ""] = /^(#?\w+) = (:\w+)$/.exec(FilterExpression) ?? [];
  const expected = values[placeholder];
  if (expected === undefined) throw notUnderstood("that filter");
  return (item) => sameValue(item[names[name] ?? name], expected);
}

function projectionOf(input: ScanInput): (item: WireItem) => WireItem {
  const { ProjectionExpression, ExpressionAttributeNames: names = {} } = input;
  if (ProjectionExpression === undefined) return (item) => item;
  const wanted = ProjectionExpression.split(",").map((name) => names[name] ?? name);
  return (item) => {
    const projected: Record<string, WireValue> = {};
    for (const name of wanted) {
      const value = item[name];
      if (value !== undefined) projected[name] = value;
    }
    return projected;
  };
}
