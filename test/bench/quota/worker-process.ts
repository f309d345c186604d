/**
 * One of a contestant's workers: so many items, 50 in flight at any time.
 *
 * An item whose call fails is put back and tried again, without a pause between:
 * how to wait is the contestant's business.
 */

import { setTimeout as delay } from "node:timers/promises";
import { answer, nextRequest, requests } from "./child-process.ts";
import { dekhand } from "./dekhand.ts";
import { nowMs } from "./now-ms.ts";
import { plainScript } from "./plain-script.ts";
import type { ReEncryptor } from "./re-encryptor.ts";
import { inFlight, type WorkerResult, type WorkerSettings } from "./settings.ts";

const inbox = requests();
const settings = await nextRequest<WorkerSettings>(inbox);
const blobs = settings.blobs.map((blob) => Buffer.from(blob, "base64"));
const contestant = create(settings);
await reEncryptAll(contestant, settings.warmUpItems);
answer("ready");
await nextRequest(inbox);
const result = await reEncryptAll(contestant, settings.items);
await contestant.close();
answer(result);

function create(options: WorkerSettings): ReEncryptor {
  switch (options.contestant) {
    case "dekhand":
      return dekhand(options);
    case "script":
      return plainScript(options, undefined);
    case "adaptive":
      return plainScript(options, "adaptive");
  }
}

async function reEncryptAll({ reEncrypt }: ReEncryptor, items: number): Promise<WorkerResult> {
  const cpuBefore = process.cpuUsage();
  const firstCallMs = nowMs();
  let open = items;
  let sent = 0;
  let done = 0;
  let putBack = 0;
  let lastDoneMs = firstCallMs;

  async function lane(): Promise<void> {
    // Whoever puts an item back goes on, so none is forgotten.
    while (open > 0 && nowMs() - firstCallMs < settings.boundMs) {
      open--;
      try {
        await reEncrypt(nextBlob());
        done++;
        lastDoneMs = nowMs();
      } catch {
        putBack++;
        open++;
      }
    }
  }
  function nextBlob(): Uint8Array {
    const blob = blobs[sent++ % blobs.length];
    if (blob === undefined) throw new Error("a worker needs blobs");
    return blob;
  }

  const bound = new AbortController();
  const lanes = Promise.all(Array.from({ length: inFlight }, lane));
  // An SDK's wait between attempts cannot be cancelled: what still waits at the bound is left where it is.
  await Promise.race([lanes, delay(settings.boundMs, undefined, { signal: bound.signal })]);
  bound.abort();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { done, putBack, firstCallMs, lastDoneMs, cpuMicros: user + system };
}
