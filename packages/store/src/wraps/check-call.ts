import { StoreError } from "../errors.ts";
import type { WrapScanOptions, WrapSegment } from "./wrap-types.ts";

const defaultPageSize = 500;
const maxPageSize = 10_000;
/** Fits into the sort key of a campaign's failure, together with a wrap's id. */
const storeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Dekhand's own; the last one is what campaigns call the table of records. */
const ownNames: readonly string[] = ["dekhand", "transit", "records"];

/** The page size to use. Throws STORE_VALUE_INVALID for a scan that no store with so many segments has. */
export function requireScan({ index, of }: WrapSegment, { pageSize }: WrapScanOptions, maxSegments: number): number {
  if (!isInteger(of, 1, maxSegments) || !isInteger(index, 0, of - 1)) {
    throw new StoreError("STORE_VALUE_INVALID", `a segment must be one of at most ${maxSegments}`);
  }
  const size = pageSize ?? defaultPageSize;
  if (isInteger(size, 1, maxPageSize)) return size;
  throw new StoreError("STORE_VALUE_INVALID", `a page size must be 1 to ${maxPageSize}`);
}

export function segmentsWithin(wanted: number, maxSegments: number): number {
  return Math.max(1, Math.min(Math.floor(wanted), maxSegments));
}

/** The name of a store of others. Throws STORE_VALUE_INVALID. */
export function requireStoreName(name: string): string {
  if (storeName.test(name) && !ownNames.includes(name)) return name;
  throw new StoreError(
    "STORE_VALUE_INVALID",
    `a wrap store's name is 1 to 64 of A-Z a-z 0-9 . _ -, and not ${ownNames.join(", ")}`,
  );
}

function isInteger(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
