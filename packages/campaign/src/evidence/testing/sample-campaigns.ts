import type { CampaignTarget } from "@dekhand/store";
import type { PreflightFindings } from "../../phases/preflight-findings.ts";
import { type RecordedCampaign, wraps } from "./record-campaign.ts";

const arn = (name: string) => `arn:aws:kms:us-east-1:000000000000:key/${name}`;
export const [oldKey, newKey] = [arn("old"), arn("new")];
export const place = { store: "dekhand", region: "us-east-1" };
export const keyTarget: CampaignTarget = { ...place, sources: [oldKey], keyArn: newKey, material: "m1" };
export const rotationTarget: CampaignTarget = {
  ...place,
  sources: [newKey],
  keyArn: newKey,
  material: "m2",
  rotatedAt: "2026-11-01T00:00:00.000Z",
};

/** What an operator or a table of others may have written. */
export const hostileText = `</td><script>alert("1")</script> & 'x' \u202e\u0000\n<img src=x onerror=y>`;

const findings: PreflightFindings = {
  ...place,
  segments: 2,
  checks: [
    { check: "key", key: oldKey, ok: true },
    { check: "store", ok: false, code: "STORE_DENIED", message: "no" },
  ],
};

/** From one key to another, all of it done. */
export const finishedCampaign: RecordedCampaign = {
  target: keyTarget,
  settings: { probeBy: "decrypt", sample: 0.1 },
  segments: [
    {
      phase: "preflight",
      counts: {},
      document: JSON.stringify(findings),
    },
    { phase: "census", index: 0, of: 2, counts: { [wraps(oldKey, "m0", false)]: 26_000, malformed: 1 } },
    { phase: "census", index: 1, of: 2, counts: { [wraps(oldKey, "m0", false)]: 26_000, unlisted: 3 } },
    { phase: "canary", counts: { scanned: 10, tried: 10, swapped: 10, verified: 10 } },
    { phase: "rewrap", index: 0, of: 2, counts: { scanned: 26_000, swapped: 25_990, current: 10 } },
    { phase: "rewrap", index: 1, of: 2, counts: { scanned: 26_000, swapped: 25_900, conflict: 100 } },
    { phase: "verify", counts: { [wraps(oldKey, "m0", false)]: 100, stale: 100 } },
    { phase: "rewrap", sweep: 2, counts: { scanned: 52_310, swapped: 100, current: 52_210 } },
    { phase: "retry", sweep: 2, counts: { resolved: 4, failed: 1, left: 0 } },
    {
      phase: "verify",
      sweep: 2,
      index: 0,
      of: 2,
      counts: {
        [wraps(newKey, "m1", true)]: 26_000,
        current: 26_000,
        probed: 2_600,
        probedByDecrypt: 2_600,
        unprobed: 23_400,
      },
    },
    {
      phase: "verify",
      sweep: 2,
      index: 1,
      of: 2,
      counts: {
        [wraps(newKey, "m1", true)]: 25_998,
        [wraps(newKey, "m1", false)]: 310,
        [wraps("arn:other", null, false)]: 2,
        current: 26_308,
        other: 2,
        probed: 2_630,
        probedByDecrypt: 2_630,
        unprobed: 23_677,
        mislabelled: 1,
      },
    },
  ],
  failures: [
    {
      ...place,
      id: "dek-1",
      class: "mislabelled",
      code: "CAMPAIGN_WRAP_MISLABELLED",
      message: "the DEK in it is not the one",
      at: "2026-11-02T09:30:00.000Z",
      skippedFor: "the tenant left in 2024",
    },
  ],
};
