import {
  DescribeKeyCommand,
  DisableKeyCommand,
  GetKeyLastUsageCommand,
  type GetKeyLastUsageCommandOutput,
  ListKeyRotationsCommand,
  type RotationsListEntry,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import type { KeyAdministration, KeyLastUsage, KeyRotation } from "./key-administration.ts";
import { readDescription } from "./key-description.ts";
import type { KmsPipe } from "./kms-pipe.ts";
import { refusalAsAnswer } from "./refusal-as-answer.ts";

export function createAdministrationCalls({ client, run, classes }: KmsPipe): KeyAdministration {
  return {
    async describeKey(keyIdOrAlias, options = {}) {
      const send = async (abortSignal: AbortSignal) =>
        readDescription(await client.send(new DescribeKeyCommand({ KeyId: keyIdOrAlias }), { abortSignal }));
      const description = await run({ operation: "DescribeKey", keyId: keyIdOrAlias, send }, options);
      classes.learn(description);
      return description;
    },
    async listKeyRotations(keyArn, options = {}) {
      const found: KeyRotation[] = [];
      let marker: string | undefined;
      do {
        const input = {
          KeyId: keyArn,
          IncludeKeyMaterial: "ALL_KEY_MATERIAL",
          ...(marker === undefined ? {} : { Marker: marker }),
        } as const;
        const send = (abortSignal: AbortSignal) => client.send(new ListKeyRotationsCommand(input), { abortSignal });
        const page = await run({ operation: "ListKeyRotations", keyId: keyArn, send }, options);
        found.push(...(page.Rotations ?? []).map(readRotation));
        marker = page.NextMarker === marker ? undefined : page.NextMarker;
      } while (marker !== undefined);
      return found;
    },
    keyLastUsage(keyArn, options = {}) {
      const sendOnce = async (abortSignal: AbortSignal): Promise<KeyLastUsage | undefined> =>
        readUsage(await client.send(new GetKeyLastUsageCommand({ KeyId: keyArn }), { abortSignal }));
      const send = (signal: AbortSignal) =>
        refusalAsAnswer(sendOnce(signal), { when: isUnknownOperation, answer: undefined });
      return run({ operation: "GetKeyLastUsage", keyId: keyArn, send }, options);
    },
    disableKey(keyArn, options = {}) {
      const send = async (abortSignal: AbortSignal) =>
        void (await client.send(new DisableKeyCommand({ KeyId: keyArn }), { abortSignal }));
      return run({ operation: "DisableKey", keyId: keyArn, send }, options);
    },
    scheduleKeyDeletion(keyArn, { days, ...options }) {
      const input = { KeyId: keyArn, PendingWindowInDays: days };
      const send = async (abortSignal: AbortSignal) => {
        const { DeletionDate } = await client.send(new ScheduleKeyDeletionCommand(input), { abortSignal });
        return DeletionDate ? { deletionAt: DeletionDate.toISOString() } : {};
      };
      return run({ operation: "ScheduleKeyDeletion", keyId: keyArn, send }, options);
    },
  };
}

function readRotation(entry: RotationsListEntry): KeyRotation {
  const { KeyMaterialId, RotationDate, RotationType, KeyMaterialState, ValidTo } = entry;
  return {
    ...(KeyMaterialId ? { material: KeyMaterialId } : {}),
    ...(RotationDate ? { rotatedAt: RotationDate.toISOString() } : {}),
    ...(RotationType ? { kind: RotationType } : {}),
    ...(KeyMaterialState ? { state: KeyMaterialState } : {}),
    ...(ValidTo ? { validTo: ValidTo.toISOString() } : {}),
  };
}

function readUsage({ KeyLastUsage: usage, TrackingStartDate }: GetKeyLastUsageCommandOutput): KeyLastUsage {
  return {
    ...(usage?.Timestamp ? { usedAt: usage.Timestamp.toISOString() } : {}),
    ...(usage?.Operation ? { operation: usage.Operation } : {}),
    ...(TrackingStartDate ? { trackedSince: TrackingStartDate.toISOString() } : {}),
  };
}

/** By AWS's own name for it, and as emulators say it. */
const unknownOperation: ReadonlySet<string> = new Set([
  "UnknownOperationException",
  "UnknownOperation",
  "UnsupportedOperationException",
  "UnsupportedOperation",
  "InvalidAction",
  "NotImplemented",
  "NotImplementedException",
]);

function isUnknownOperation(error: Error): boolean {
  if (unknownOperation.has(error.name)) return true;
  const metadata: unknown = Reflect.get(error, "$metadata");
  return typeof metadata === "object" && metadata !== null && Reflect.get(metadata, "httpStatusCode") === 501;
}
