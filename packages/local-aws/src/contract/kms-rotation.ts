import {
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { describe, expect } from "vitest";
import { defined, EVENTUALLY, expectError, type KmsSuite } from "./kms-suite.ts";
import { itCan } from "./target.ts";

export function describeRotation(suite: KmsSuite): void {
  const { target } = suite;
  const statusOf = (KeyId: string) => suite.kms.send(new GetKeyRotationStatusCommand({ KeyId }));
  const currentOf = async (KeyId: string) =>
    (await suite.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId;
  const rotate = (KeyId: string) => suite.kms.send(new RotateKeyOnDemandCommand({ KeyId }));

  describe("rotation by schedule", () => {
    itCan(target, "kms.rotation", "is off at first, and on with its period when enabled", async () => {
      const key = await suite.createKey();
      expect((await statusOf(key.id)).KeyRotationEnabled).toBe(false);
      await suite.kms.send(new EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }));
      await expect
        .poll(() => statusOf(key.arn), EVENTUALLY)
        .toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90, NextRotationDate: expect.any(Date) });
      await suite.kms.send(new DisableKeyRotationCommand({ KeyId: key.id }));
      await expect.poll(async () => (await statusOf(key.id)).KeyRotationEnabled, EVENTUALLY).toBe(false);
    });

    itCan(target, "kms.rotation", "has a period of 90 to 2560 days", async () => {
      for (const days of [89, 2561]) {
        const enable = new EnableKeyRotationCommand({ KeyId: suite.key.id, RotationPeriodInDays: days });
        await expectError(suite.kms.send(enable), "ValidationException");
      }
    });
  });

  describe("rotation on demand", () => {
    itCan(target, "kms.rotation-on-demand", "gives new blobs new material, and old ones still open", async () => {
      const key = await suite.createKey();
      const before = await suite.dataKey(key.arn);
      await rotate(key.id);
      await expect.poll(() => currentOf(key.id), EVENTUALLY).not.toBe(key.material);
      const current = await currentOf(key.id);
      const after = await suite.dataKey(key.arn);
      expect(after.material).toBe(current);
      expect(await suite.decrypt(before.blob, key.arn)).toEqual({
        plaintext: before.plaintext,
        material: key.material,
      });
      expect((await suite.decrypt(after.blob, key.arn)).material).toBe(current);
    });

    itCan(target, "kms.rotation-on-demand", "is followed by ReEncrypt under the same key", async () => {
      const key = await suite.createKey();
      const { blob, plaintext } = await suite.dataKey(key.arn);
      await rotate(key.id);
      await expect.poll(() => currentOf(key.id), EVENTUALLY).not.toBe(key.material);
      const moved = await suite.kms.send(
        new ReEncryptCommand({ CiphertextBlob: blob, SourceKeyId: key.arn, DestinationKeyId: key.arn }),
      );
      const current = await currentOf(key.id);
      expect(moved).toMatchObject({ SourceKeyMaterialId: key.material, DestinationKeyMaterialId: current });
      expect(await suite.decrypt(defined(moved.CiphertextBlob), key.arn)).toEqual({ plaintext, material: current });
    });

    itCan(target, "kms.rotation-on-demand", "is listed with material, date and type", async () => {
      const key = await suite.createKey();
      const list = async (IncludeKeyMaterial?: "ALL_KEY_MATERIAL") =>
        defined(
          (
            await suite.kms.send(
              new ListKeyRotationsCommand({ KeyId: key.id, ...(IncludeKeyMaterial && { IncludeKeyMaterial }) }),
            )
          ).Rotations,
        );
      expect(await list()).toEqual([]);
      await rotate(key.id);
      await expect.poll(async () => (await list()).length, EVENTUALLY).toBe(1);
      const [rotation] = await list();
      expect(rotation).toMatchObject({ RotationType: "ON_DEMAND", RotationDate: expect.any(Date) });
      const all = await list("ALL_KEY_MATERIAL");
      expect(all).toHaveLength(2);
      const first = all.find(({ KeyMaterialId }) => KeyMaterialId === key.material);
      expect(first).toMatchObject({ KeyMaterialState: "NON_CURRENT" });
      expect(first?.RotationDate).toBeUndefined();
      const second = all.find(({ KeyMaterialState }) => KeyMaterialState === "CURRENT");
      expect(second?.KeyMaterialId).toBe(await currentOf(key.id));
    });

    itCan(target, "kms.rotation-on-demand", "is refused for a disabled key", async () => {
      const key = await suite.createKey();
      await suite.kms.send(new DisableKeyCommand({ KeyId: key.id }));
      await expectError(rotate(key.id), "DisabledException");
    });

    // Costs money and minutes on AWS.
    if (!target.real) {
      itCan(target, "kms.rotation-limit", "is possible 25 times, and listed in pages", async () => {
        const key = await suite.createKey();
        for (let count = 0; count < 25; count += 1) await rotate(key.id);
        await expectError(rotate(key.id), "LimitExceededException");
        const seen: (string | undefined)[] = [];
        let Marker: string | undefined;
        do {
          const page = await suite.kms.send(
            new ListKeyRotationsCommand({
              KeyId: key.id,
              Limit: 10,
              IncludeKeyMaterial: "ALL_KEY_MATERIAL",
              ...(Marker && { Marker }),
            }),
          );
          seen.push(...(page.Rotations ?? []).map(({ KeyMaterialId }) => KeyMaterialId));
          Marker = page.NextMarker;
        } while (Marker);
        expect(new Set(seen).size).toBe(26);
        expect(seen).toHaveLength(26);
      });
    }
  });
}
