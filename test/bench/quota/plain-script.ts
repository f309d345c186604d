import { ReEncryptCommand } from "@aws-sdk/client-kms";
import { plainClient } from "./plain-client.ts";
import type { ReEncryptor } from "./re-encryptor.ts";
import { context, type WorkerSettings } from "./settings.ts";

/** The script that most people write: an SDK client, its retries, and nothing else. */
export function plainScript(
  { endpoint, sourceKeyArn, targetKeyArn }: WorkerSettings,
  retryMode: "adaptive" | undefined,
): ReEncryptor {
  const client = plainClient(endpoint, retryMode === undefined ? {} : { retryMode });
  return {
    async reEncrypt(blob) {
      const command = new ReEncryptCommand({
        SourceKeyId: sourceKeyArn,
        SourceEncryptionContext: context,
        CiphertextBlob: blob,
        DestinationKeyId: targetKeyArn,
        DestinationEncryptionContext: context,
      });
      await client.send(command);
    },
    async close() {
      client.destroy();
    },
  };
}
