/** From what a producer hands in to the wire form. The same schema judges both directions. */

import { randomUUID } from "node:crypto";
import { JobsError } from "../errors.ts";
import { encodeBase64 } from "./base64.ts";
import { type EncodedJob, toText } from "./encoded-job.ts";
import {
  DEFAULT_CONTENT_TYPE,
  ENCRYPT_JOB_LIMITS,
  type EncryptJobHeader,
  type EncryptJobInput,
  type SealedPayload,
} from "./encrypt-job.ts";
import { headerOf, type ParseOptions } from "./parse-encrypt-job.ts";
import { safeText } from "./safe-text.ts";
import { schemaReason } from "./schema-rejection.ts";
import { type EncryptJobWire, encryptHeaderSchema } from "./wire-schema.ts";

/** The job with its payload in the clear, for SQS. Throws JobsError with the reason code a consumer would give. */
export function encodeEncryptJob(input: EncryptJobInput, options: ParseOptions = {}): EncodedJob {
  const header = toHeader(input, options);
  const wire: EncryptJobWire = { ...toWire(header), payload: encodeBase64(input.payload) };
  return { id: header.id, body: toText(wire) };
}

/** The job's header, checked. Throws JobsError with the reason code a consumer would give. */
export function toHeader(input: EncryptJobInput, { maxPayloadBytes }: ParseOptions = {}): EncryptJobHeader {
  const { id = randomUUID(), recordId, profile, context = {}, contentType, revision } = input;
  const described = { version: 1, kind: "encrypt", id, recordId, profile, context };
  const parsed = encryptHeaderSchema.safeParse({
    ...described,
    ...(contentType === undefined ? {} : { contentType }),
    ...(revision === undefined ? {} : { revision }),
  });
  const refuse = (code: JobsError["code"], message: string) =>
    new JobsError(code, message, { context: { jobId: safeText(String(id)) } });
  if (!parsed.success) {
    const { code, message } = schemaReason(parsed.error);
    throw refuse(code, message);
  }
  const maxBytes = maxPayloadBytes ?? ENCRYPT_JOB_LIMITS.payloadBytes;
  if (input.payload.length === 0) throw refuse("JOBS_PAYLOAD_EMPTY", "the payload is empty");
  if (input.payload.length > maxBytes) {
    throw refuse("JOBS_PAYLOAD_TOO_LARGE", `the payload has more than ${maxBytes} bytes`);
  }
  return headerOf(parsed.data);
}

/** The wire form of a job whose payload is transit-sealed. */
export function toSealedWire(header: EncryptJobHeader, sealed: SealedPayload): EncryptJobWire {
  const { keyId, enc, ciphertext } = sealed;
  return { ...toWire(header), sealed: { keyId, enc: encodeBase64(enc), ciphertext: encodeBase64(ciphertext) } };
}

function toWire(header: EncryptJobHeader): EncryptJobWire {
  const { version, kind, id, recordId, profile, context, contentType, revision } = header;
  return {
    version,
    kind,
    id,
    recordId,
    profile,
    context,
    ...(contentType === DEFAULT_CONTENT_TYPE ? {} : { contentType }),
    ...(revision === undefined ? {} : { revision }),
  };
}
