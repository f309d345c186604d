import type { CallOptions } from "../dynamodb/call-options.ts";

/** A campaign's mark on a KMS key that it has left: no wrap may be made under the key any more. */
export interface LeftKey {
  readonly keyArn: string;
  readonly campaignId: string;
  /** ISO 8601, as who put the mark had it: for people. Nothing is counted from it. */
  readonly at: string;
}

export interface KeyReturn {
  /** Who takes marks away. It cannot leave the key again. */
  readonly campaignId: string;
  /**
   * - `own`: that campaign's mark only: it was cancelled, or has failed.
   * - `all`: everybody's: the campaign goes back to the key. Once only: repeated, it takes away nothing that came later.
   */
  readonly marks: "own" | "all";
}

/** The keys that campaigns have left, in the state table of the keys' own Region. */
export interface LeftKeyStore {
  /**
   * Once this has returned, whoever asks `leftKey` finds the mark. Marks of several campaigns stand beside each other, and
   * the key is left as long as there is one. Repeating it is safe and keeps the first `at`. Throws STORE_KEY_RETURNED where
   * the campaign has taken marks of that key away before: what comes so late is a zombie's.
   */
  leaveKey(mark: LeftKey, options?: CallOptions): Promise<void>;
  /**
   * The oldest mark, strongly consistent; undefined where the key is not left. Throws STORE_ITEM_MALFORMED for marks that
   * cannot be read.
   */
  leftKey(keyArn: string, options?: CallOptions): Promise<LeftKey | undefined>;
  /** Every mark that stands, by key and then the oldest first. Throws STORE_ITEM_MALFORMED. */
  listLeftKeys(options?: CallOptions): Promise<readonly LeftKey[]>;
  /** Takes marks away, there or not. Repeating it is safe. */
  returnToKey(keyArn: string, by: KeyReturn, options?: CallOptions): Promise<void>;
}
