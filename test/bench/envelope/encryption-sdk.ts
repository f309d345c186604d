/**
 * The AWS Encryption SDK for JavaScript with a raw AES keyring: no KMS call, no
 * signature, key commitment as in our format.
 *
 * Its cache serves equal encryption contexts only, so here the context holds what
 * all records share; a context with the record's id in it would never hit.
 */

import { randomBytes } from "node:crypto";
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  type KeyringNode,
  NodeCachingMaterialsManager,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from "@aws-crypto/client-node";
import type { Codec } from "./codec.ts";
import { tenant } from "./sample-records.ts";

export async function encryptionSdkCodecs(
  plaintext: Buffer,
): Promise<{ readonly fresh: Codec; readonly cached: Codec }> {
  const keyring = new RawAesKeyringNode({
    keyName: "benchmark",
    keyNamespace: "dekhand",
    unencryptedMasterKey: Uint8Array.from(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  // No limit of the cache is reached during a run.
  const manager = new NodeCachingMaterialsManager({
    backingMaterials: keyring,
    cache: getLocalCryptographicMaterialsCache(100),
    maxAge: 24 * 60 * 60 * 1000,
    maxMessagesEncrypted: 2 ** 32,
    maxBytesEncrypted: Number.MAX_SAFE_INTEGER,
  });
  return { fresh: await codec(keyring, plaintext), cached: await codec(manager, plaintext) };
}

const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const encryptionContext = { tenant, purpose: "billing" };
const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

async function codec(materials: KeyringNode | NodeCachingMaterialsManager, plaintext: Buffer): Promise<Codec> {
  const encrypt = () => client.encrypt(materials, plaintext, { suiteId, encryptionContext });
  const { result } = await encrypt();
  return {
    async seal(times) {
      for (let at = 0; at < times; at++) await encrypt();
    },
    async open(times) {
      for (let at = 0; at < times; at++) await client.decrypt(materials, result);
    },
  };
}
