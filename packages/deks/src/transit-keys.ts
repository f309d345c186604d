/**
 * The private keys that open transit-sealed payloads: kept in the state table,
 * wrapped by a KMS key of the configuration, opened only in memory.
 */

import type { KmsGovernor } from "@dekhand/kms";
import type { CallOptions, StateStore } from "@dekhand/store";
import { DeksError } from "./errors.ts";

export interface TransitKeysDeps {
  readonly state: Pick<StateStore, "getTransitKey" | "putTransitKey">;
  readonly kms: Pick<KmsGovernor, "encrypt" | "decrypt" | "describeKey" | "region">;
  /** The KMS key that wraps transit keys, as the configuration names it. */
  readonly key: string;
}

export interface TransitKeys {
  /** Wraps and stores a new key pair; `privateKey` is wiped. */
  add(
    pair: { readonly keyId: string; readonly publicKey: Uint8Array; readonly privateKey: Uint8Array },
    options?: CallOptions,
  ): Promise<void>;
  /**
   * The private key's bytes, the caller's to wipe; undefined where this Region has no such key. Throws
   * DEKS_KEY_NOT_ALLOWED, KmsError, StoreError.
   */
  load(keyId: string, options?: CallOptions): Promise<Buffer | undefined>;
}

export function createTransitKeys({ state, kms, key }: TransitKeysDeps): TransitKeys {
  const keyArn = async (signal: AbortSignal | undefined) => (await kms.describeKey(key, { signal })).arn;
  const context = (keyId: string) => ({ "dekhand:transit": keyId });

  return {
    async add({ keyId, publicKey, privateKey }, { signal } = {}) {
      try {
        const arn = await keyArn(signal);
        const request = { keyArn: arn, plaintext: privateKey, context: context(keyId) };
        const { blob } = await kms.encrypt(request, { signal });
        await state.putTransitKey(
          {
            id: keyId,
            publicKey,
            wraps: { [kms.region]: { keyArn: arn, blob } },
            status: "active",
            createdAt: new Date().toISOString(),
          },
          { signal },
        );
      } finally {
        privateKey.fill(0);
      }
    },
    async load(keyId, { signal } = {}) {
      const stored = await state.getTransitKey(keyId, { signal });
      const wrap = stored?.wraps[kms.region];
      if (!wrap) return undefined;
      const arn = await keyArn(signal);
      if (wrap.keyArn !== arn) {
        throw new DeksError(
          "DEKS_KEY_NOT_ALLOWED",
          "the transit key is wrapped by a key that the configuration does not name",
          {
            context: { keyId, keyArn: wrap.keyArn },
          },
        );
      }
      const { plaintext } = await kms.decrypt({ keyArn: arn, blob: wrap.blob, context: context(keyId) }, { signal });
      return plaintext;
    },
  };
}
