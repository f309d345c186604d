/**
 * The private keys that open transit-sealed payloads: kept in the state table,
 * wrapped by KMS keys of the configuration, opened only in memory.
 */

import type { KmsGovernor } from "@dekhand/kms";
import { type CallOptions, type StateStore, transitContext } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { createListedKeys } from "./listed-keys.ts";

export interface TransitKeysDeps {
  readonly state: Pick<StateStore, "getTransitKey" | "putTransitKey">;
  readonly kms: Pick<KmsGovernor, "encrypt" | "decrypt" | "describeKey" | "region">;
  /** The KMS key that wraps transit keys, as the configuration names it. */
  readonly key: string;
  /** Keys whose wraps may still be opened, as the configuration names them. Default none. */
  readonly retiring?: readonly string[];
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

export function createTransitKeys({ state, kms, key, retiring = [] }: TransitKeysDeps): TransitKeys {
  const listed = createListedKeys({ names: [key, ...retiring], kms, purpose: "transit keys" });

  return {
    async add({ keyId, publicKey, privateKey }, { signal } = {}) {
      try {
        const { arn } = await kms.describeKey(key, { signal });
        const request = { keyArn: arn, plaintext: privateKey, context: transitContext(keyId) };
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
      const { keyArn, blob } = wrap;
      if (!(await listed.allows(keyArn, { signal }))) {
        throw new DeksError(
          "DEKS_KEY_NOT_ALLOWED",
          "the transit key is wrapped by a key that the configuration does not name",
          { context: { keyId, keyArn } },
        );
      }
      const { plaintext } = await kms.decrypt({ keyArn, blob, context: transitContext(keyId) }, { signal });
      return plaintext;
    },
  };
}
