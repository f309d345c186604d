/**
 * What AWS KMS tells through EventBridge, which delivers it itself or by way of
 * SNS: above all that a key's material was rotated.
 *
 * An event is a hint and no authority: it says where to look. Fields beyond
 * those that a look needs are not read.
 */

import { z } from "zod";
import { type JobKind, type ParsedJob, parseMessage, type Refused } from "../job-kind.ts";
import { refuse } from "./job-head.ts";

export type KmsEvent = KeyRotationEvent | OtherKmsEvent;

export interface KeyRotationEvent {
  readonly kind: "rotation";
  /** EventBridge's; the same event may be delivered again. */
  readonly id: string;
  /** Without Region, `mrk-…` or a UUID. */
  readonly keyId: string;
  /** Ids of the key material before and after, where the event tells them. */
  readonly previousMaterial?: string;
  readonly material?: string;
}

/** Another event of AWS KMS, such as a key's deletion: whoever waits for rotations has nothing to do for it. */
export interface OtherKmsEvent {
  readonly kind: "other";
  readonly id: string;
}

const envelope = z.object({
  id: z.string().regex(/^[A-Za-z0-9-]{1,128}$/),
  source: z.literal("aws.kms"),
  "detail-type": z.string(),
});

const material = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .optional()
  .catch(undefined);

const rotation = z.object({
  detail: z.object({
    "key-id": z.string().regex(/^[A-Za-z0-9-]{1,128}$/),
    "previous-key-material-id": material,
    "current-key-material-id": material,
  }),
});

const notification = z.object({ Type: z.literal("Notification"), Message: z.string() });

/** From what a message held to an event, or to the reason why it is none. Never throws on any input. */
export function parseKmsEvent(value: unknown): { readonly ok: true; readonly event: KmsEvent } | Refused {
  const wrapped = notification.safeParse(value);
  return wrapped.success ? parseMessage(wrapped.data.Message, parseEvent) : parseEvent(value);
}

function parseEvent(value: unknown): { readonly ok: true; readonly event: KmsEvent } | Refused {
  const head = envelope.safeParse(value);
  if (!head.success) return refuse({}, "JOBS_KIND_UNKNOWN", "the message is no event of aws.kms from EventBridge");
  const { id, "detail-type": detailType } = head.data;
  if (detailType !== "KMS CMK Rotation") return { ok: true, event: { kind: "other", id } };
  const body = rotation.safeParse(value);
  if (!body.success) return refuse({ jobId: id }, "JOBS_SCHEMA_INVALID", "the rotation event does not name its key");
  const { "key-id": keyId, "previous-key-material-id": before, "current-key-material-id": after } = body.data.detail;
  const event = {
    kind: "rotation",
    id,
    keyId,
    ...(before === undefined ? {} : { previousMaterial: before }),
    ...(after === undefined ? {} : { material: after }),
  } as const;
  return { ok: true, event };
}

/** Events of KMS as consumers take them. Nothing in them is secret. */
export const kmsEvents: JobKind<KmsEvent> = {
  name: "kms-event",
  parse(value): ParsedJob<KmsEvent> {
    const parsed = parseKmsEvent(value);
    if (!parsed.ok) return parsed;
    const { event } = parsed;
    const open = async () => ({ ok: true, job: event }) as const;
    return { ok: true, message: { ids: { jobId: event.id }, bytes: 0, open, wipe: () => undefined } };
  },
};
