/**
 * Calls the embedded KMS as fast as it answers, by bare HTTP: an SDK client would be the slower of the two, and the
 * embedded KMS checks no signature.
 */

import { Agent, request } from "node:http";
import { answer, nextRequest, requests } from "./child-process.ts";
import { nowMs } from "./now-ms.ts";
import { context, type SaturationSettings } from "./settings.ts";

const inFlight = 64;
const inbox = requests();
const { endpoint, sourceKeyArn, targetKeyArn, blob, durationMs } = await nextRequest<SaturationSettings>(inbox);
const body = JSON.stringify({
  SourceKeyId: sourceKeyArn,
  SourceEncryptionContext: context,
  CiphertextBlob: blob,
  DestinationKeyId: targetKeyArn,
  DestinationEncryptionContext: context,
});
const headers = {
  "content-type": "application/x-amz-json-1.1",
  "content-length": Buffer.byteLength(body),
  "x-amz-target": "TrentService.ReEncrypt",
};
const agent = new Agent({ keepAlive: true, maxSockets: inFlight });

/** What is called before this point warms both ends up, and is not counted. */
const fromMs = nowMs() + durationMs / 2;
const untilMs = fromMs + durationMs;
let counted = 0;
await Promise.all(Array.from({ length: inFlight }, reEncryptUntilTheEnd));
answer((counted * 1000) / durationMs);

async function reEncryptUntilTheEnd(): Promise<void> {
  for (let now = nowMs(); now < untilMs; now = nowMs()) {
    await reEncrypt();
    if (now >= fromMs) counted++;
  }
}

function reEncrypt(): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: "POST", agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the embedded KMS answered ${response.statusCode}`));
      response.resume().once("end", resolve);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
