import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetKeyLastUsageCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { defined, EVENTUALLY, expectError, type KmsSuite } from "./kms-suite.ts";
import { itCan } from "./target.ts";

export function describeKeys(suite: KmsSuite): void {
  const { target } = suite;
  const stateOf = async (KeyId: string) =>
    (await suite.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

  describe("keys", () => {
    it("describe themselves", async () => {
      const { KeyMetadata: metadata } = await suite.kms.send(new DescribeKeyCommand({ KeyId: suite.key.id }));
      expect(metadata).toMatchObject({
        KeyId: suite.key.id,
        Arn: suite.key.arn,
        Enabled: true,
        KeyState: "Enabled",
        KeyUsage: "ENCRYPT_DECRYPT",
        KeySpec: "SYMMETRIC_DEFAULT",
        Origin: "AWS_KMS",
        KeyManager: "CUSTOMER",
        MultiRegion: false,
      });
      expect(metadata?.CreationDate).toBeInstanceOf(Date);
    });

    it("can be listed in pages", async () => {
      const other = await suite.createKey();
      const limit = target.real ? 1000 : 1;
      const found: (string | undefined)[] = [];
      let marker: string | undefined;
      do {
        const page = await suite.kms.send(new ListKeysCommand({ Limit: limit, ...(marker && { Marker: marker }) }));
        expect(page.Keys?.length).toBeLessThanOrEqual(limit);
        expect(page.Truncated).toBe(page.NextMarker !== undefined);
        found.push(...(page.Keys ?? []).map(({ KeyArn }) => KeyArn));
        marker = page.NextMarker;
      } while (marker);
      expect(found).toEqual(expect.arrayContaining([suite.key.arn, other.arn]));
      expect(new Set(found).size).toBe(found.length);
      await expectError(suite.kms.send(new ListKeysCommand({ Limit: 1001 })), "ValidationException");
      await expectError(suite.kms.send(new ListKeysCommand({ Marker: "nonsense" })), "InvalidMarkerException");
    });

    it("cannot be used while they are disabled", async () => {
      const key = await suite.createKey();
      const { blob } = await suite.dataKey(key.arn);
      await suite.kms.send(new DisableKeyCommand({ KeyId: key.id }));
      await expect.poll(() => stateOf(key.id), EVENTUALLY).toBe("Disabled");
      await expectError(suite.dataKey(key.arn), "DisabledException");
      await expectError(suite.decrypt(blob), "DisabledException");
      await suite.kms.send(new EnableKeyCommand({ KeyId: key.arn }));
      await expect.poll(() => stateOf(key.id), EVENTUALLY).toBe("Enabled");
      await expect(suite.decrypt(blob)).resolves.toBeDefined();
    });

    it("cannot be used while they wait for their deletion, and come back disabled", async () => {
      const key = await suite.createKey();
      const { blob } = await suite.dataKey(key.arn);
      const answer = await suite.kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
      expect(answer).toMatchObject({ KeyId: key.arn, KeyState: "PendingDeletion", PendingWindowInDays: 7 });
      const days = (defined(answer.DeletionDate).getTime() - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(6);
      expect(days).toBeLessThan(8);
      await expect.poll(() => stateOf(key.id), EVENTUALLY).toBe("PendingDeletion");
      await expectError(suite.decrypt(blob, key.arn), "KMSInvalidStateException");
      await expectError(suite.kms.send(new EnableKeyCommand({ KeyId: key.id })), "KMSInvalidStateException");
      await suite.kms.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
      await expect.poll(() => stateOf(key.id), EVENTUALLY).toBe("Disabled");
      await expectError(suite.kms.send(new CancelKeyDeletionCommand({ KeyId: key.id })), "KMSInvalidStateException");
    });

    it("wait 7 to 30 days for their deletion", async () => {
      for (const days of [6, 31]) {
        const schedule = new ScheduleKeyDeletionCommand({ KeyId: suite.key.id, PendingWindowInDays: days });
        await expectError(suite.kms.send(schedule), "ValidationException");
      }
    });

    itCan(target, "kms.last-usage", "tell when they were used last", async () => {
      const key = await suite.createKey();
      const unused = await suite.kms.send(new GetKeyLastUsageCommand({ KeyId: key.id }));
      expect(unused.KeyCreationDate).toBeInstanceOf(Date);
      expect(unused.KeyLastUsage ?? {}).toEqual({});
      await suite.dataKey(key.arn);
      // AWS takes up to an hour to tell.
      if (target.real) return;
      const used = await suite.kms.send(new GetKeyLastUsageCommand({ KeyId: key.arn }));
      expect(used.KeyLastUsage).toMatchObject({ Operation: "GenerateDataKey", Timestamp: expect.any(Date) });
    });
  });
}
