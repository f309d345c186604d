import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Attributes, ConditionalWriter, Conditions } from "../writer/conditional-write.ts";

export interface CopyTarget {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly table: string;
}

/** What is to be known of a kind of item to copy it. */
export interface CopiedKind {
  /** Every attribute beside the key that an item may have. What a copy lacks of them, its item loses. */
  readonly attributes: readonly string[];
  /** Those that tell whether two items are the same, and whether one can be read. */
  readonly judged: readonly string[];
  /** Throws STORE_ITEM_MALFORMED. */
  readonly read: (item: Attributes) => unknown;
}

export interface ItemCopy {
  readonly key: Attributes;
  /** Everything but the key. */
  readonly attributes: Attributes;
  /** What was read there: no item, one with these attributes, or one that cannot be read. */
  readonly expected: "absent" | "unreadable" | Conditions;
  /** What is expected may be the copy itself: it is read again before it is written. */
  readonly mayBeSame?: boolean;
}
