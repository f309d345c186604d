import { canonicalContext } from "@dekhand/envelope";
import type { EncryptJobHeader } from "../contracts/encrypt-job.ts";

/**
 * The additional authenticated data of a transit-sealed payload: all that the
 * job says beside it, so that a payload moved to another job does not open.
 * ASCII `dekhand/v1/transit`, then each part with its length (u32 big-endian) in
 * front; the revision is 0x00, or 0x01 and a u64.
 */
export function transitBinding(header: EncryptJobHeader, keyId: string): Buffer {
  const { kind, id, recordId, profile, context, contentType, revision } = header;
  const texts = [kind, id, recordId, profile].map((text) => Buffer.from(text));
  return Buffer.concat([
    Buffer.from("dekhand/v1/transit"),
    ...texts.flatMap(withLength),
    ...withLength(canonicalContext(context)),
    ...withLength(Buffer.from(contentType)),
    revisionBytes(revision),
    ...withLength(Buffer.from(keyId)),
  ]);
}

function withLength(bytes: Uint8Array): [Buffer, Uint8Array] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

function revisionBytes(revision: number | undefined): Buffer {
  if (revision === undefined) return Buffer.from([0]);
  const bytes = Buffer.alloc(9);
  bytes[0] = 1;
  bytes.writeBigUInt64BE(BigInt(revision), 1);
  return bytes;
}
