import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GenerateDataKeyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect } from "vitest";
import { defined, EVENTUALLY, expectError, type KmsSuite, type KnownKey } from "./kms-suite.ts";
import { itCan } from "./target.ts";

export function describeMultiRegion(suite: KmsSuite): void {
  const { target } = suite;
  const replicaRegion = () => defined(suite.opened.replicaRegion);
  const there = () => suite.opened.kms(replicaRegion());
  const stateThere = async (KeyId: string) =>
    (await there().send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

  async function createPair(): Promise<{ primary: KnownKey; replica: KnownKey }> {
    const primary = await suite.createKey({ MultiRegion: true });
    const replicate = new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: replicaRegion() });
    const { ReplicaKeyMetadata: metadata } = await suite.kms.send(replicate);
    const replica = suite.cleanUp(replicaRegion(), metadata);
    await expect.poll(() => stateThere(replica.id), EVENTUALLY).toBe("Enabled");
    return { primary, replica };
  }

  describe("multi-Region keys", () => {
    itCan(target, "kms.multi-region", "share id and material, and open each other's blobs", async () => {
      const { primary, replica } = await createPair();
      expect(primary.id).toMatch(/^mrk-/);
      expect(replica.id).toBe(primary.id);
      expect(replica.arn).toContain(replicaRegion());
      expect(replica.material).toBe(primary.material);
      const { blob, plaintext } = await suite.dataKey(primary.arn, { a: "b" });
      const decrypt = { CiphertextBlob: blob, KeyId: replica.arn, EncryptionContext: { a: "b" } };
      const opened = await there().send(new DecryptCommand(decrypt));
      expect(opened).toMatchObject({ KeyId: replica.arn, Plaintext: plaintext });
      const made = await there().send(new GenerateDataKeyCommand({ KeyId: replica.arn, KeySpec: "AES_256" }));
      expect((await suite.decrypt(defined(made.CiphertextBlob), primary.arn)).plaintext).toEqual(made.Plaintext);
    });

    itCan(target, "kms.multi-region", "know each other", async () => {
      const { primary, replica } = await createPair();
      const related = {
        PrimaryKey: { Arn: primary.arn, Region: suite.opened.region },
        ReplicaKeys: [{ Arn: replica.arn, Region: replicaRegion() }],
      };
      const here = await suite.kms.send(new DescribeKeyCommand({ KeyId: primary.id }));
      const other = await there().send(new DescribeKeyCommand({ KeyId: replica.id }));
      expect(here.KeyMetadata?.MultiRegionConfiguration).toMatchObject({ MultiRegionKeyType: "PRIMARY", ...related });
      expect(other.KeyMetadata?.MultiRegionConfiguration).toMatchObject({ MultiRegionKeyType: "REPLICA", ...related });
    });

    itCan(target, "kms.multi-region", "are disabled Region by Region", async () => {
      const { primary, replica } = await createPair();
      const { blob } = await suite.dataKey(primary.arn);
      await suite.kms.send(new DisableKeyCommand({ KeyId: primary.id }));
      await expectError(suite.decrypt(blob, primary.arn), "DisabledException");
      await expect(
        there().send(new DecryptCommand({ CiphertextBlob: blob, KeyId: replica.arn })),
      ).resolves.toBeDefined();
    });

    itCan(target, "kms.multi-region", "are replicated once a Region, and single-Region keys never", async () => {
      const { primary } = await createPair();
      const replicate = (KeyId: string) => new ReplicateKeyCommand({ KeyId, ReplicaRegion: replicaRegion() });
      await expectError(suite.kms.send(replicate(primary.id)), "AlreadyExistsException");
      await expectError(suite.kms.send(replicate(suite.key.id)), "UnsupportedOperationException");
      await expectError(there().send(replicate(primary.id)), "UnsupportedOperationException");
    });

    itCan(target, "kms.multi-region-rotation", "are rotated at the primary, for all Regions", async () => {
      const { primary, replica } = await createPair();
      const rotateThere = there().send(new RotateKeyOnDemandCommand({ KeyId: replica.id }));
      await expectError(rotateThere, "UnsupportedOperationException");
      await suite.kms.send(new RotateKeyOnDemandCommand({ KeyId: primary.id }));
      const currentThere = async () =>
        (await there().send(new DescribeKeyCommand({ KeyId: replica.id }))).KeyMetadata?.CurrentKeyMaterialId;
      await expect.poll(currentThere, EVENTUALLY).not.toBe(primary.material);
      const { material } = await suite.dataKey(primary.arn);
      expect(material).toBe(await currentThere());
    });

    itCan(target, "kms.multi-region-primary", "can change their primary", async () => {
      const { primary, replica } = await createPair();
      await suite.kms.send(new UpdatePrimaryRegionCommand({ KeyId: primary.id, PrimaryRegion: replicaRegion() }));
      const typeThere = async () => {
        const { KeyMetadata: metadata } = await there().send(new DescribeKeyCommand({ KeyId: replica.id }));
        return [metadata?.KeyState, metadata?.MultiRegionConfiguration?.MultiRegionKeyType];
      };
      await expect.poll(typeThere, EVENTUALLY).toEqual(["Enabled", "PRIMARY"]);
      const back = new UpdatePrimaryRegionCommand({ KeyId: primary.id, PrimaryRegion: suite.opened.region });
      await expectError(suite.kms.send(back), "UnsupportedOperationException");
      await there().send(back);
    });

    itCan(target, "kms.multi-region", "delete a primary only after its replicas", async () => {
      const { primary } = await createPair();
      const schedule = new ScheduleKeyDeletionCommand({ KeyId: primary.id, PendingWindowInDays: 7 });
      const answer = await suite.kms.send(schedule);
      expect(answer.KeyState).toBe("PendingReplicaDeletion");
      expect(answer.DeletionDate).toBeUndefined();
    });
  });
}
