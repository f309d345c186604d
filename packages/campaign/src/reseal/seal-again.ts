/** The bytes of one record: opened under the old DEK, sealed under a new one, and opened again as its readers will. */

import { type Dek, open, readHeader, seal } from "@dekhand/envelope";
import type { Resealing, StoredRecord } from "@dekhand/store";
import { newDekUnfit } from "./new-dek-unfit.ts";

export interface SealAgainDeks {
  readonly old: Dek;
  readonly fresh: Dek;
  /** The fresh one as its wrap in the table gives it. */
  readonly reread: Dek;
}

/**
 * The plaintext lives in this call only. Record id, context, content type, revision and epoch stay what the envelope is
 * bound to. Throws EnvelopeErrors of the old envelope, and CAMPAIGN_NEW_DEK_UNFIT where the new one does not open.
 */
export function sealAgain(record: StoredRecord, { old, fresh, reread }: SealAgainDeks): Resealing {
  const plaintext = open(old, record.envelope, record);
  try {
    const envelope = seal(fresh, plaintext, record);
    if (!opensTo(plaintext, envelope, record, reread)) {
      throw newDekUnfit("what was sealed under a new DEK does not open with the wrap that is stored of it", fresh.id);
    }
    return { dekId: fresh.id, sealId: readHeader(envelope).sealId, envelope };
  } finally {
    plaintext.fill(0);
  }
}

function opensTo(plaintext: Buffer, envelope: Buffer, record: StoredRecord, dek: Dek): boolean {
  let again: Buffer;
  try {
    again = open(dek, envelope, record);
  } catch {
    return false;
  }
  const isSame = again.equals(plaintext);
  again.fill(0);
  return isSame;
}
