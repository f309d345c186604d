import type { CallOptions } from "../dynamodb/call-options.ts";

/** That somebody has dealt with a key's material being a new one. */
export interface HandledRotation {
  /** Without Region, `mrk-…` or a UUID: related multi-Region keys rotate as one. */
  readonly keyId: string;
  /** The key material id. */
  readonly material: string;
  /** ISO 8601. */
  readonly at: string;
  /**
   * - `campaign`: a campaign rewraps what older material protects.
   * - `baseline`: it was the material when the key was seen first; there is nothing to rewrap.
   */
  readonly reason: "campaign" | "baseline";
  /** The campaign's id, chosen before it exists: whoever finds the claim and no such campaign creates it. */
  readonly campaignId?: string;
}

/** In the control Region. */
export interface RotationStore {
  /** True for one caller a key and material, ever: this one. False: it was claimed before, see `getRotation`. */
  claimRotation(entry: HandledRotation, options?: CallOptions): Promise<boolean>;
  /** Strongly consistent. */
  getRotation(keyId: string, material: string, options?: CallOptions): Promise<HandledRotation | undefined>;
  /** By material id. Throws STORE_ITEM_MALFORMED when one cannot be read. */
  listRotations(keyId: string, options?: CallOptions): Promise<readonly HandledRotation[]>;
}
