/**
 * The floor: AES-256-GCM under one fixed key, as little as Node allows around it.
 *
 * It returns nonce, ciphertext and tag in one buffer, as an envelope does, and is
 * given its additional authenticated data ready made. It may seal 2^32 records at
 * the most, and does not say which key it was.
 */

import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, randomFillSync } from "node:crypto";
import type { RecordBinding } from "@dekhand/envelope";
import type { Codec } from "./codec.ts";
import { associatedDataOf } from "./sample-records.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function plainGcmCodec(bindings: readonly RecordBinding[], plaintext: Buffer): Codec {
  const key = createSecretKey(randomBytes(32));
  const allData = bindings.map(associatedDataOf);
  const sealed = allData.map((data) => ({ data, frame: seal(plaintext, data) }));

  function seal(bytes: Buffer, data: Buffer): Buffer {
    const frame = Buffer.allocUnsafe(NONCE_BYTES + bytes.length + TAG_BYTES);
    writeNonce(frame);
    const cipher = createCipheriv("aes-256-gcm", key, frame.subarray(0, NONCE_BYTES));
    cipher.setAAD(data);
    cipher.update(bytes).copy(frame, NONCE_BYTES);
    cipher.final();
    cipher.getAuthTag().copy(frame, NONCE_BYTES + bytes.length);
    return frame;
  }

  function open(frame: Buffer, data: Buffer): Buffer {
    const tagAt = frame.length - TAG_BYTES;
    const decipher = createDecipheriv("aes-256-gcm", key, frame.subarray(0, NONCE_BYTES));
    decipher.setAAD(data);
    decipher.setAuthTag(frame.subarray(tagAt));
    const opened = decipher.update(frame.subarray(NONCE_BYTES, tagAt));
    decipher.final();
    return opened;
  }

  return {
    seal(times) {
      for (let at = 0; at < times; at++) {
        const data = allData[at % allData.length];
        if (data) seal(plaintext, data);
      }
    },
    open(times) {
      for (let at = 0; at < times; at++) {
        const one = sealed[at % sealed.length];
        if (one) open(one.frame, one.data);
      }
    },
  };
}

const pool = Buffer.allocUnsafeSlow(NONCE_BYTES * 1024);
let used = pool.length;

function writeNonce(frame: Buffer): void {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  pool.copy(frame, 0, used, used + NONCE_BYTES);
  used += NONCE_BYTES;
}
