/**
 * The foreground tenant: production, which shares the account's quota and knows nothing of campaigns.
 *
 * Its calls are due at fixed points in time and are sent then, whether earlier
 * ones were answered or not; latency counts from when a call was due. So a stall
 * is felt by all calls that fall into it, as production's users would feel it.
 */

import { setTimeout as delay } from "node:timers/promises";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { answer, nextRequest, requests } from "./child-process.ts";
import { type ForegroundCall, foregroundFigures } from "./figures.ts";
import { goFirst } from "./go-first.ts";
import { nowMs } from "./now-ms.ts";
import { plainClient } from "./plain-client.ts";
import { type ForegroundSettings, foregroundPerSecond, type Window } from "./settings.ts";

goFirst();
using inbox = requests();
const { endpoint, keyArn, blob } = await nextRequest<ForegroundSettings>(inbox);
const client = plainClient(endpoint);
const input = { KeyId: keyArn, CiphertextBlob: Buffer.from(blob, "base64") };
const calls: ForegroundCall[] = [];
const underway = new Set<Promise<void>>();

void sendForEver();
answer("started");
for (;;) {
  const window = await nextRequest<Window>(inbox);
  // Those due within the window are among them; each ends with the SDK's own retries.
  await Promise.all(underway);
  answer(foregroundFigures(calls, window));
}

async function sendForEver(): Promise<never> {
  const startMs = nowMs();
  for (let sent = 0; ; ) {
    const dueMs = startMs + (sent * 1000) / foregroundPerSecond;
    const earlyMs = dueMs - nowMs();
    if (earlyMs > 0) await delay(Math.ceil(earlyMs));
    const call = decrypt(dueMs);
    underway.add(call);
    void call.finally(() => underway.delete(call));
    sent++;
  }
}

async function decrypt(dueMs: number): Promise<void> {
  const failed = await client.send(new DecryptCommand(input)).then(
    () => false,
    () => true,
  );
  calls.push({ dueMs, latencyMs: nowMs() - dueMs, failed });
}
