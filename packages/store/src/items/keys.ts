import { StoreError } from "../errors.ts";

export const MAX_PARTITION_KEY_BYTES = 2048;
export const MAX_SORT_KEY_BYTES = 1024;
/** Record ids are kept shorter than a key may be: they also stand in jobs, logs and dead letters. */
export const MAX_RECORD_ID_BYTES = 512;

/** Well-formed text of 1 to `maxBytes` UTF-8 bytes. Text that is not well-formed would be stored as other text. */
export function isKeyText(value: string, maxBytes: number): boolean {
  return value.length > 0 && value.length <= maxBytes && value.isWellFormed() && Buffer.byteLength(value) <= maxBytes;
}

/** Throws STORE_VALUE_INVALID, which names `what` and never repeats the value. */
export function requireKeyText(what: string, value: string, maxBytes: number): string {
  if (isKeyText(value, maxBytes)) return value;
  throw new StoreError("STORE_VALUE_INVALID", `${what} must be 1 to ${maxBytes} bytes of well-formed text`);
}
