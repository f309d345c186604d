/**
 * A DEK in the clear, as a handle that shows no secret and wipes what it owns.
 *
 * Owned and wiped on disposal: CMAC's subkey, the message blocks, and the AES key
 * schedule inside OpenSSL. Left to the garbage collector: OpenSSL's KeyObjects
 * (cleared when they are freed), and whatever copies the engine made while it
 * moved memory, which nobody can wipe.
 */

import { timingSafeEqual } from "node:crypto";
import { parseDekId } from "./dek-id.ts";
import { deriveKeys } from "./derive-keys.ts";
import { authenticationFailed, EnvelopeError, invalidInput } from "./errors.ts";
import { DEK_ID_AT, FORMAT_VERSION, NONCE_AT, requireBytes, SUITE_XAES_256_GCM } from "./format.ts";
import { createXaesKey, disposeXaesKey, type XaesKey } from "./xaes-256-gcm.ts";

/** The length of a DEK's key, in bytes. */
export const DEK_BYTES = 32;

/** A DEK ready for use. Dispose of it (`using`) as soon as nothing needs it any more. */
export interface Dek extends Disposable {
  /** A lower-case UUIDv7. */
  readonly id: string;
  /** 32 bytes, public: kept with the DEK, and given to `recoverDek`. A copy at every read. */
  readonly commitment: Uint8Array;
  readonly disposed: boolean;
}

/**
 * A DEK from a key that is new. Takes the 32 bytes of `key` and wipes them, whatever happens.
 *
 * @throws EnvelopeError `ENVELOPE_INPUT_INVALID`
 */
export function createDek(dekId: string, key: Uint8Array): Dek {
  return takeKey(dekId, key, undefined);
}

/**
 * A DEK from a key that was unwrapped. Takes the 32 bytes of `key` and wipes them, whatever happens.
 *
 * @param commitment what the DEK had when it was created; compared in constant time before the key is used.
 * @throws EnvelopeError `ENVELOPE_AUTHENTICATION_FAILED` when the key is not the one committed to, or the commitment
 * not one; `ENVELOPE_INPUT_INVALID`
 */
export function recoverDek(dekId: string, key: Uint8Array, commitment: Uint8Array): Dek {
  return takeKey(dekId, key, commitment);
}

function takeKey(dekId: string, key: Uint8Array, expected: Uint8Array | undefined): Dek {
  requireBytes(key, "a DEK's key");
  let encryptionKey: Uint8Array | undefined;
  try {
    const idBytes = parseDekId(dekId);
    if (key.length !== DEK_BYTES) throw invalidInput(`a DEK's key has ${DEK_BYTES} bytes`);
    const derived = deriveKeys(key, idBytes);
    encryptionKey = derived.encryptionKey;
    if (expected !== undefined && !sameBytes(expected, derived.commitment)) throw authenticationFailed();
    return new DekHandle(dekId, idBytes, derived.commitment, createXaesKey(encryptionKey));
  } finally {
    encryptionKey?.fill(0);
    key.fill(0);
  }
}

function sameBytes(stored: Uint8Array, computed: Uint8Array): boolean {
  requireBytes(stored, "a commitment");
  return stored.length === computed.length && timingSafeEqual(stored, computed);
}

/** What sealing and opening take from a DEK. Never leaves the package. */
export interface DekSecrets {
  /** The first 18 bytes of its envelopes: version, suite, DEK id. */
  readonly headerStart: Uint8Array;
  readonly xaesKey: XaesKey;
}

/** @throws EnvelopeError `ENVELOPE_DEK_DISPOSED`, `ENVELOPE_INPUT_INVALID` for what is no DEK of this module */
export let secretsOf: (dek: Dek) => DekSecrets;

// Private fields, because neither util.inspect, JSON, structuredClone nor v8.serialize looks into them.
class DekHandle implements Dek {
  readonly #id: string;
  readonly #commitment: Uint8Array;
  #secrets: DekSecrets | undefined;

  static {
    secretsOf = (dek) => {
      if (typeof dek !== "object" || dek === null || !(#secrets in dek)) throw invalidInput("this is no DEK");
      const secrets = dek.#secrets;
      if (secrets === undefined) {
        throw new EnvelopeError("ENVELOPE_DEK_DISPOSED", "the DEK was disposed of", { context: { dekId: dek.#id } });
      }
      return secrets;
    };
  }

  constructor(id: string, idBytes: Uint8Array, commitment: Uint8Array, xaesKey: XaesKey) {
    this.#id = id;
    this.#commitment = commitment;
    const headerStart = new Uint8Array(NONCE_AT);
    headerStart.set([FORMAT_VERSION, SUITE_XAES_256_GCM]);
    headerStart.set(idBytes, DEK_ID_AT);
    this.#secrets = { headerStart, xaesKey };
    Object.freeze(this);
  }

  get id(): string {
    return this.#id;
  }

  get commitment(): Uint8Array {
    return this.#commitment.slice();
  }

  get disposed(): boolean {
    return this.#secrets === undefined;
  }

  [Symbol.dispose](): void {
    const secrets = this.#secrets;
    this.#secrets = undefined;
    if (secrets !== undefined) disposeXaesKey(secrets.xaesKey);
  }

  toJSON(): { readonly dekId: string } {
    return { dekId: this.#id };
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Dek { ${this.#id}${this.disposed ? ", disposed" : ""} }`;
  }
}
