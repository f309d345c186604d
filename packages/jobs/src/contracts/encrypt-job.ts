/** The encrypt job, version 1, and its limits. docs/job-contracts.md describes every field. */

import type { EncryptionContext } from "@dekhand/envelope";

/** A job as a handler sees it: validated, with its payload in the clear. */
export interface EncryptJob extends EncryptJobHeader {
  readonly payload: Buffer;
}

/** Everything but the payload: what transit sealing binds the payload to. */
export interface EncryptJobHeader {
  readonly version: 1;
  readonly kind: "encrypt";
  readonly id: string;
  readonly recordId: string;
  readonly profile: string;
  readonly context: EncryptionContext;
  readonly contentType: string;
  readonly revision?: number;
}

/** What a producer hands in. */
export interface EncryptJobInput {
  /** Default: a random UUID. The same id with the same record is the same job, however often it is submitted. */
  readonly id?: string;
  readonly recordId: string;
  readonly profile: string;
  /** Default: empty. Visible to who can read the queue, the tables or CloudTrail. */
  readonly context?: EncryptionContext;
  /** Default: application/octet-stream. */
  readonly contentType?: string;
  readonly payload: Uint8Array;
  readonly revision?: number;
}

/** A payload sealed to a public transit key. All but `keyId` are bytes, base64 on the wire. */
export interface SealedPayload {
  readonly keyId: string;
  /** The encapsulated key, 32 bytes. */
  readonly enc: Uint8Array;
  /** The payload's length and 16 bytes more. */
  readonly ciphertext: Uint8Array;
}

/** A parsed message: the header, and the payload in one of its two forms. */
export type EncryptJobMessage =
  | { readonly form: "plain"; readonly header: EncryptJobHeader; readonly payload: Buffer }
  | { readonly form: "sealed"; readonly header: EncryptJobHeader; readonly sealed: SealedPayload };

export const DEFAULT_CONTENT_TYPE = "application/octet-stream";

/** Limits of the contract; sizes in bytes of UTF-8. */
export const ENCRYPT_JOB_LIMITS = {
  idBytes: 512,
  recordIdBytes: 512,
  profileBytes: 128,
  contentTypeBytes: 255,
  contextKeys: 64,
  /** Keys and values together. */
  contextBytes: 8_192,
  /** Where a consumer sets no lower one. */
  payloadBytes: 4 * 1024 * 1024,
} as const;
