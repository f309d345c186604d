/** From a DEK's 32 bytes to what is used of them: HKDF-SHA-256 (RFC 5869), once a DEK. */

import { hkdfSync } from "node:crypto";
import { SUITE_XAES_256_GCM } from "./format.ts";

export interface DerivedKeys {
  /** The key of XAES-256-GCM. Secret: the caller wipes it. */
  readonly encryptionKey: Uint8Array;
  /** Public: tells whether a key is the one that a DEK id stands for. */
  readonly commitment: Uint8Array;
}

export function deriveKeys(key: Uint8Array, dekIdBytes: Uint8Array): DerivedKeys {
  return {
    encryptionKey: expand(key, dekIdBytes, "dekhand/v1/encrypt"),
    commitment: expand(key, dekIdBytes, "dekhand/v1/commit"),
  };
}

const OUTPUT_BYTES = 32;

function expand(key: Uint8Array, salt: Uint8Array, label: string): Uint8Array {
  const info = Buffer.concat([Buffer.from(label, "latin1"), Uint8Array.of(SUITE_XAES_256_GCM)]);
  return new Uint8Array(hkdfSync("sha256", key, salt, info, OUTPUT_BYTES));
}
