import { EnvelopeError, recoverDek } from "@dekhand/envelope";
import type { DekStore } from "@dekhand/store";
import type { WrapAccess } from "../wrap-access.ts";

/**
 * Compares, in constant time, with the commitment that is stored with a DEK. False where there is none to compare with:
 * a wrap whose DEK was never written opens nothing. Throws StoreError.
 */
export function matchCommitment(deks: Pick<DekStore, "get">, region: string): NonNullable<WrapAccess["matches"]> {
  return async (id, plaintext, { signal } = {}) => {
    const found = await deks.get(id, region, { signal });
    if (!found) return false;
    try {
      // The bytes are the caller's: what is taken and wiped here is a copy.
      using _dek = recoverDek(id, Uint8Array.from(plaintext), found.dek.commitment);
      return true;
    } catch (error) {
      // Another key's bytes, or none of a DEK at all.
      if (error instanceof EnvelopeError) return false;
      throw error;
    }
  };
}
