import { randomBytes, randomUUID } from "node:crypto";
import type { OwnedWrap } from "../../contract/wrap-subject.ts";
import type { WrapRef, WrapSwap } from "../../wraps/wrap-types.ts";

/** A wrap whose blob is random bytes, and no message of the Encryption SDK: the store never looks further. */
export function ownedWrap(overrides: Partial<OwnedWrap> = {}): OwnedWrap {
  return {
    name: randomUUID(),
    blob: sampleBlob(),
    keyArn: "arn:aws:kms:us-east-1:111122223333:key/one",
    material: "ab".repeat(32),
    tenant: "a",
    ...overrides,
  };
}

export function ownedWraps(count: number): readonly OwnedWrap[] {
  return Array.from({ length: count }, () => ownedWrap());
}

/** A swap of what was read to another blob, key and material. */
export function swapOf({ id, blob }: Pick<WrapRef, "id" | "blob">, next: Partial<WrapSwap["next"]> = {}): WrapSwap {
  return {
    id,
    oldBlob: blob,
    next: {
      blob: sampleBlob(),
      keyArn: "arn:aws:kms:us-east-1:111122223333:key/two",
      material: "cd".repeat(32),
      campaign: "campaign-1",
      wrappedAt: "2026-11-26T10:00:00.000Z",
      ...next,
    },
  };
}

function sampleBlob(): Buffer {
  return Buffer.concat([Buffer.from([0x01, 0x02]), randomBytes(182)]);
}
