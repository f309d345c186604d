import type { WrapStore } from "../wraps/wrap-types.ts";

/** A wrap as its owner keeps it. */
export interface OwnedWrap {
  /** Unique in the store: letters, digits and -. */
  readonly name: string;
  readonly blob: Uint8Array;
  readonly keyArn: string;
  readonly material?: string;
  /** A value of the KMS context. */
  readonly tenant: string;
}

/** What the contract of wrap stores runs on: an empty store, and the hands of its owner. */
export interface WrapStoreSubject {
  readonly store: WrapStore;
  /** Puts wraps there, things beside them that are no wraps included; answers the wraps' ids in order. */
  put(wraps: readonly OwnedWrap[]): Promise<readonly string[]>;
  remove(id: string): Promise<void>;
  /** Puts what should be wraps and cannot be read, with the word "canary" in it; answers the ids. */
  putMalformed(): Promise<readonly string[]>;
  /** The KMS context that such a wrap has. */
  contextOf(wrap: OwnedWrap): Readonly<Record<string, string>>;
  /** All that the owner keeps with a wrap but the blob and the labels that a swap writes. */
  restOf(id: string): Promise<unknown>;
}

/** Called once or more per suite. Whoever passes it in also ends what it starts. */
export type WrapStoreSetup = () => Promise<WrapStoreSubject>;
