/** What the parts of the KMS suite share: an open target, keys that are cleaned up, and short ways to call. */
import {
  type AliasListEntry,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  GenerateDataKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect } from "vitest";
import type { ContractTarget, OpenTarget } from "./target.ts";

export type Context = Record<string, string>;

export interface KmsSuite {
  readonly target: ContractTarget;
  readonly opened: OpenTarget;
  /** The main Region's client. */
  readonly kms: KMSClient;
  /** A key that all tests share; they do not change it. */
  readonly key: KnownKey;
  /** Creates a key that is scheduled for deletion after the suite. */
  createKey(input?: CreateKeyCommandInput): Promise<KnownKey>;
  /** Takes on a key that was made in another way. */
  cleanUp(region: string, metadata: KeyMetadata | undefined): KnownKey;
  dataKey(keyId: string, context?: Context): Promise<{ blob: Uint8Array; plaintext: Uint8Array; material?: string }>;
  decrypt(blob: Uint8Array, keyId?: string, context?: Context): Promise<{ plaintext: Uint8Array; material?: string }>;
}

export interface KnownKey {
  readonly id: string;
  readonly arn: string;
  readonly material: string | undefined;
}

/** To be called within a `describe`: opens the target before its tests and cleans up after them. */
export function useKms(target: ContractTarget): KmsSuite {
  let opened: OpenTarget | undefined;
  let shared: KnownKey | undefined;
  const created: { region: string; id: string }[] = [];

  const suite: KmsSuite = {
    target,
    get opened() {
      return defined(opened);
    },
    get kms() {
      return defined(opened).kms();
    },
    get key() {
      return defined(shared);
    },
    async createKey(input = {}) {
      const { KeyMetadata: metadata } = await suite.kms.send(
        new CreateKeyCommand({ Description: "made by a contract suite, may be deleted", ...input }),
      );
      return suite.cleanUp(suite.opened.region, metadata);
    },
    cleanUp(region, metadata) {
      const id = defined(metadata?.KeyId);
      created.push({ region, id });
      return { id, arn: defined(metadata?.Arn), material: metadata?.CurrentKeyMaterialId };
    },
    async dataKey(keyId, context) {
      const answer = await suite.kms.send(
        new GenerateDataKeyCommand({
          KeyId: keyId,
          KeySpec: "AES_256",
          ...(context && { EncryptionContext: context }),
        }),
      );
      return {
        blob: defined(answer.CiphertextBlob),
        plaintext: defined(answer.Plaintext),
        ...(answer.KeyMaterialId !== undefined && { material: answer.KeyMaterialId }),
      };
    },
    async decrypt(blob, keyId, context) {
      const answer = await suite.kms.send(
        new DecryptCommand({
          CiphertextBlob: blob,
          ...(keyId !== undefined && { KeyId: keyId }),
          ...(context && { EncryptionContext: context }),
        }),
      );
      return {
        plaintext: defined(answer.Plaintext),
        ...(answer.KeyMaterialId !== undefined && { material: answer.KeyMaterialId }),
      };
    },
  };

  beforeAll(async () => {
    opened = await target.open();
    shared = await suite.createKey();
  });
  afterAll(async () => {
    // Latest first: replicas before their primary. One that is scheduled already answers an error, which is fine.
    for (const { region, id } of created.reverse()) {
      await opened
        ?.kms(region)
        .send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }))
        .catch(() => undefined);
    }
    await opened?.close();
  });
  return suite;
}

/** The name of the error that a call ends in. */
export async function errorName(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return error instanceof Error ? error.name : typeof error;
  }
  return "no error";
}

export async function expectError(call: Promise<unknown>, ...names: string[]): Promise<void> {
  expect(names).toContain(await errorName(call));
}

export function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the answer has no such member");
  return value;
}

export function namesOf(aliases: readonly AliasListEntry[] | undefined): (string | undefined)[] {
  return (aliases ?? []).map(({ AliasName }) => AliasName);
}

/** AWS is eventually consistent; everybody else may be too. */
export const EVENTUALLY = { timeout: 60_000, interval: 200 };
