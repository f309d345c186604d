import { randomBytes, randomUUID } from "node:crypto";
import { ENVELOPE_OVERHEAD_BYTES } from "@dekhand/envelope";
import type { NewDek, Wrap } from "../deks/dek-types.ts";
import type { RecordWrite } from "../records/record-types.ts";

const createdAt = "2026-11-23T10:00:00.000Z";

/** A record whose envelope is random bytes: the store never looks inside. */
export function sampleRecord(overrides: Partial<RecordWrite> = {}): RecordWrite {
  const size = overrides.size ?? 100;
  return {
    recordId: `record-${randomUUID()}`,
    jobId: randomUUID(),
    dekId: randomUUID(),
    context: { tenant: "a" },
    contentType: "application/json",
    epoch: 1,
    sealId: randomBytes(24).toString("hex"),
    envelope: randomBytes(size + ENVELOPE_OVERHEAD_BYTES),
    size,
    ...overrides,
  };
}

export function sampleDek(overrides: Partial<NewDek> = {}): NewDek {
  const dekId = overrides.dekId ?? randomUUID();
  return {
    dekId,
    profile: "customer-pii",
    suite: 1,
    commitment: randomBytes(32),
    context: { tenant: "a", "dekhand:dek": dekId, "dekhand:profile": "customer-pii" },
    home: "us-east-1",
    createdAt,
    ...overrides,
  };
}

export function sampleWrap(overrides: Partial<Wrap> = {}): Wrap {
  return {
    region: "us-east-1",
    keyArn: "arn:aws:kms:us-east-1:111122223333:key/one",
    material: "ab".repeat(32),
    blob: randomBytes(184),
    context: { tenant: "a" },
    wrappedAt: createdAt,
    ...overrides,
  };
}
