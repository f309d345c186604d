import { describe, expect, it } from "vitest";
import { parseMessage } from "../job-kind.ts";
import { kmsEvents, parseKmsEvent } from "./rotation-event.ts";

const keyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
const [before, after] = ["12".repeat(32), "ab".repeat(32)];

const event = (changes: object = {}, detail: object = {}) => ({
  version: "0",
  id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
  "detail-type": "KMS CMK Rotation",
  source: "aws.kms",
  account: "111122223333",
  time: "2026-05-23T03:11:54Z",
  region: "us-west-2",
  resources: [`arn:aws:kms:us-west-2:111122223333:key/${keyId}`],
  detail: {
    "key-id": keyId,
    "key-origin": "AWS_KMS",
    "rotation-type": "ON_DEMAND",
    "previous-key-material-id": before,
    "current-key-material-id": after,
    ...detail,
  },
  ...changes,
});
const told = { kind: "rotation", id: event().id, keyId, previousMaterial: before, material: after };

describe("a rotation event of KMS", () => {
  it("tells its key and material, whatever else it holds", () => {
    expect(parseKmsEvent(event())).toEqual({ ok: true, event: told });
    expect(parseKmsEvent(event({ "trace-header": "later" }, { more: [1] }))).toEqual({ ok: true, event: told });
  });

  it("needs no material: older ones name the key only, and what is no id of a material is passed over", () => {
    const bare = { kind: "rotation", id: event().id, keyId };
    expect(parseKmsEvent(event({ detail: { "key-id": keyId } }))).toEqual({ ok: true, event: bare });
    const odd = { "previous-key-material-id": 7, "current-key-material-id": "x\n" };
    expect(parseKmsEvent(event({}, odd))).toEqual({ ok: true, event: bare });
  });

  it("may come in a notification of SNS", () => {
    const wrapped = { Type: "Notification", MessageId: "m", Message: JSON.stringify(event()) };
    expect(parseMessage(JSON.stringify(wrapped), parseKmsEvent)).toEqual({ ok: true, event: told });
    const torn = parseKmsEvent({ ...wrapped, Message: "{" });
    expect(torn).toMatchObject({ ok: false, rejection: { code: "JOBS_JSON_INVALID" } });
    const twice = parseKmsEvent({ ...wrapped, Message: JSON.stringify(wrapped) });
    expect(twice).toMatchObject({ ok: false, rejection: { code: "JOBS_KIND_UNKNOWN" } });
  });

  it("is told from KMS's other events, which are no faults", () => {
    const deletion = event({ "detail-type": "KMS CMK Deletion", detail: {} });
    expect(parseKmsEvent(deletion)).toEqual({ ok: true, event: { kind: "other", id: event().id } });
  });

  it.each([
    ["of another source", event({ source: "aws.s3" }), "JOBS_KIND_UNKNOWN"],
    ["without an id", event({ id: "" }), "JOBS_KIND_UNKNOWN"],
    ["that is a job", { version: 1, kind: "rewrap", id: "j" }, "JOBS_KIND_UNKNOWN"],
    ["of a subscription", { Type: "SubscriptionConfirmation", Message: "x" }, "JOBS_KIND_UNKNOWN"],
    ["that is no object", "text", "JOBS_KIND_UNKNOWN"],
    ["without a key", event({ detail: {} }), "JOBS_SCHEMA_INVALID"],
    ["without detail", event({ detail: null }), "JOBS_SCHEMA_INVALID"],
    ["whose key is no key id", event({}, { "key-id": "alias/x\n" }), "JOBS_SCHEMA_INVALID"],
  ])("a message %s is rejected with its reason", (_, value, code) => {
    expect(parseKmsEvent(value)).toMatchObject({ ok: false, rejection: { code } });
  });

  it("keeps its id with whatever becomes of it", async () => {
    const parsed = kmsEvents.parse(event());
    if (!parsed.ok) throw new Error("it is one");
    expect(parsed.message.ids).toEqual({ jobId: event().id });
    expect(await parsed.message.open({ signal: AbortSignal.timeout(1_000) })).toEqual({ ok: true, job: told });
    expect(kmsEvents.parse(event({ detail: {} }))).toMatchObject({ rejection: { jobId: event().id } });
  });
});
