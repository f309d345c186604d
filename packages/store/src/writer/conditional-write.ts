import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import type { StoreError } from "../errors.ts";

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** In a condition: the item does not have the attribute. */
export const absent: unique symbol = Symbol("absent");

/** All must hold on the stored item: the attribute equals the value, or is absent. */
export type Conditions = Readonly<Record<string, AttributeValue | typeof absent>>;

/** Fails when an item of that key exists. */
export interface InsertWrite {
  readonly kind: "insert";
  readonly table: string;
  readonly key: Attributes;
  /** Everything but the key. */
  readonly item: Attributes;
}

/** Fails when no item of that key exists, or a condition does not hold. */
export interface UpdateWrite {
  readonly kind: "update";
  readonly table: string;
  readonly key: Attributes;
  readonly when: Conditions;
  /** At least one attribute. */
  readonly set: Attributes;
  readonly remove?: readonly string[];
}

/** Afterwards the item is gone, or was never there; fails when it exists and a condition does not hold. */
export interface DeleteWrite {
  readonly kind: "delete";
  readonly table: string;
  readonly key: Attributes;
  readonly when?: Conditions;
}

export type ConditionalWrite = InsertWrite | UpdateWrite | DeleteWrite;

/**
 * - `done`: the write took effect (a delete: the item is not there).
 * - `conflict`: the item is not as the write expects it. A write whose answer
 *   was lost and that was sent again conflicts with itself: read to know.
 * - `failed`: the error says why; whether the write took effect is not known
 *   unless the error is not retryable.
 */
export type WriteResult =
  | { readonly kind: "done" }
  | { readonly kind: "conflict" }
  | { readonly kind: "failed"; readonly error: StoreError };

/** How an endpoint is spoken to: in batches of PartiQL statements, or with one request per write. */
export type WriteMode = "batch" | "single";

export interface ConditionalWriter {
  /** Undefined as long as nothing has been written and it is not known. */
  readonly mode: WriteMode | undefined;
  /**
   * Carries out each write by itself and answers in the order of the input; one
   * that fails stops no other. Writes to one item happen in the order given.
   * Does not throw: an aborted signal makes what is left `failed` with
   * STORE_CANCELLED.
   */
  write(writes: readonly ConditionalWrite[], options?: CallOptions): Promise<readonly WriteResult[]>;
}
