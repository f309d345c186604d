/** The thread of unwrap-all.ts. Posts the digests of what KMS unwraps, one after the other; of a refused wrap, zeros. */

import { parentPort, workerData } from "node:worker_threads";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { createAwsClients } from "@dekhand/aws";
import { DIGEST_BYTES, sha256 } from "./sha256.ts";
import { sideBySide } from "./side-by-side.ts";
import type { WrapsToOpen } from "./unwrap-all.ts";

const { region, endpoints, credentials, wraps }: WrapsToOpen = workerData;

const clients = createAwsClients({ regions: [region], endpoints, credentials });
const { kms } = clients.region(region);
const digests = Buffer.alloc(wraps.length * DIGEST_BYTES);
await sideBySide(wraps.entries(), async ([index, { blob, context, keyArn }]) => {
  const request = { CiphertextBlob: blob, EncryptionContext: { ...context } };
  const command = new DecryptCommand(keyArn === undefined ? request : { ...request, KeyId: keyArn });
  const answer = await kms.send(command).catch(() => undefined);
  if (answer?.Plaintext) digests.set(sha256(answer.Plaintext), index * DIGEST_BYTES);
});
clients.destroy();
parentPort?.postMessage(digests);
