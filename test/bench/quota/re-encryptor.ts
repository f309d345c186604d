/** What a contestant's worker does for each item. */
export interface ReEncryptor {
  /** Rejects where the contestant has given the item up. */
  reEncrypt(blob: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
