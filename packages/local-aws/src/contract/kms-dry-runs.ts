import {
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyLastUsageCommand,
  ReEncryptCommand,
  type ReEncryptCommandInput,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect } from "vitest";
import { EVENTUALLY, errorName, expectError, type KmsSuite } from "./kms-suite.ts";
import { itCan } from "./target.ts";

export function describeDryRuns(suite: KmsSuite): void {
  const { target } = suite;
  const context = { tenant: "acme", purpose: "contract" };
  const absent = "00000000-0000-4000-8000-000000000000";
  const modifiers = { DryRun: true, DryRunModifiers: ["IGNORE_CIPHERTEXT" as const] };
  const reEncrypt = (input: Partial<ReEncryptCommandInput>) =>
    suite.kms.send(
      new ReEncryptCommand({
        SourceKeyId: suite.key.arn,
        SourceEncryptionContext: context,
        DestinationKeyId: suite.key.arn,
        DestinationEncryptionContext: context,
        DryRun: true,
        ...input,
      }),
    );

  describe("dry runs", () => {
    itCan(target, "kms.dry-run", "answer DryRunOperationException where the call would succeed", async () => {
      const { blob } = await suite.dataKey(suite.key.arn);
      const KeyId = suite.key.arn;
      const runs = [
        suite.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x"), DryRun: true })),
        suite.kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", DryRun: true })),
        suite.kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_256", DryRun: true })),
        suite.kms.send(new DecryptCommand({ CiphertextBlob: blob, KeyId, DryRun: true })),
        reEncrypt({ CiphertextBlob: blob, SourceEncryptionContext: {} }),
      ];
      for (const run of runs) await expectError(run, "DryRunOperationException");
    });

    itCan(target, "kms.dry-run", "answer what the call would fail with", async () => {
      const { blob } = await suite.dataKey(suite.key.arn, context);
      const dryRun = new DecryptCommand({ CiphertextBlob: blob, KeyId: suite.key.arn, DryRun: true });
      await expectError(suite.kms.send(dryRun), "InvalidCiphertextException");
    });

    itCan(target, "kms.dry-run", "of ReEncrypt look at keys, key states, context and integrity", async () => {
      const [other, disabled, leaving] = [await suite.createKey(), await suite.createKey(), await suite.createKey()];
      const { blob } = await suite.dataKey(suite.key.arn, context);
      const damaged = Uint8Array.from(blob, (byte, at) => (at === blob.length - 1 ? byte ^ 1 : byte));
      await suite.kms.send(new DisableKeyCommand({ KeyId: disabled.id }));
      await suite.kms.send(new ScheduleKeyDeletionCommand({ KeyId: leaving.id, PendingWindowInDays: 7 }));
      const runs = {
        DryRunOperationException: { DestinationKeyId: other.arn },
        IncorrectKeyException: { SourceKeyId: other.arn },
        InvalidCiphertextException: { SourceEncryptionContext: { ...context, tenant: "Acme" } },
        NotFoundException: { DestinationKeyId: absent },
        DisabledException: { DestinationKeyId: disabled.arn },
        KMSInvalidStateException: { DestinationKeyId: leaving.arn },
      };
      for (const [name, input] of Object.entries(runs)) {
        await expect.poll(() => errorName(reEncrypt({ CiphertextBlob: blob, ...input })), EVENTUALLY).toBe(name);
      }
      await expectError(reEncrypt({ CiphertextBlob: damaged }), "InvalidCiphertextException");
    });

    itCan(target, "kms.dry-run-modifiers", "can leave the ciphertext aside", async () => {
      const KeyId = suite.key.arn;
      await expectError(suite.kms.send(new DecryptCommand({ KeyId, ...modifiers })), "DryRunOperationException");
      await expectError(reEncrypt(modifiers), "DryRunOperationException");
      await expectError(suite.kms.send(new DecryptCommand({ KeyId: absent, ...modifiers })), "NotFoundException");
      await expectError(reEncrypt({ ...modifiers, SourceKeyId: absent }), "NotFoundException");
      await expectError(reEncrypt({ ...modifiers, DestinationKeyId: absent }), "NotFoundException");
    });

    // AWS takes up to an hour to tell.
    if (!target.real && target.lacks["kms.dry-run"] === undefined) {
      itCan(target, "kms.last-usage", "are no use of a key", async () => {
        const key = await suite.createKey();
        const { blob } = await suite.dataKey(suite.key.arn, context);
        await expectError(reEncrypt({ CiphertextBlob: blob, DestinationKeyId: key.arn }), "DryRunOperationException");
        const { KeyLastUsage: usage } = await suite.kms.send(new GetKeyLastUsageCommand({ KeyId: key.id }));
        expect(usage ?? {}).toEqual({});
      });
    }
  });
}
