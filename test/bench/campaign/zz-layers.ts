import { KMSClient, ReEncryptCommand } from "@aws-sdk/client-kms";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { createAwsClients } from "@dekhand/aws";
import { createKmsGovernor, createKmsQuota } from "@dekhand/kms";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { startRedis } from "@dekhand/local-redis";
import { setLoopbackPlace } from "./set-loopback-place.ts";
import { interleave, median, medianRatio } from "../interleave.ts";
import { makeBlob } from "./loopback/blobs.ts";
import { kmsContextOf } from "./wire-items.ts";
import { credentials, region } from "./settings.ts";
await using stack = new AsyncDisposableStack();
const redis = stack.use(await startRedis());
const loop = await setLoopbackPlace(stack, { wraps: 10, warmUpWraps: 10, rounds: 1 });
const context = kmsContextOf("01234567-0123-0123-0123-0123456789ab", 3);
const blob = makeBlob(0, context);
const input = { SourceKeyId: loop.keyArns[0], SourceEncryptionContext: context, CiphertextBlob: blob, DestinationKeyId: loop.keyArns[1], DestinationEncryptionContext: context };
const logger = createLogger({ service: "bench", level: "warn", destination: process.stderr });
const metrics = createMetrics({ service: "bench" });
const quotaOf = (redisUrl?: string) => createKmsQuota({ config: { share: { callsPerSecond: 1_000_000 }, reserve: 0, campaign: 1, floor: redisUrl ? 0.05 : 1, workers: 1, source: "defaults", regions: { [region]: 2_000_000 } }, ...(redisUrl ? { redisUrl } : {}), prefix: "x", metrics, logger });
const plain = new KMSClient({ region, endpoint: loop.kms, credentials });
const plain1 = new KMSClient({ region, endpoint: loop.kms, credentials, maxAttempts: 1 });
const ours = createAwsClients({ regions: [region], endpoints: { [region]: { kms: loop.kms } }, credentials }).region(region).kms;
const timeouts = new KMSClient({ region, endpoint: loop.kms, credentials, maxAttempts: 1, requestHandler: new NodeHttpHandler({ connectionTimeout: 3000, requestTimeout: 10000, throwOnRequestTimeout: true, socketTimeout: 10000, httpAgent: { keepAlive: true, maxSockets: 256 } as never }) });
const gov = createKmsGovernor({ region, client: ours, quota: quotaOf(), metrics, logger });
const govRedis = createKmsGovernor({ region, client: ours, quota: quotaOf(redis.url), metrics: createMetrics({ service: "b" }), logger });
const req = { sourceKeyArn: loop.keyArns[0], blob, sourceContext: context, targetKeyArn: loop.keyArns[1], targetContext: context };
const pool = (f: () => Promise<unknown>) => async (times: number) => {
  let left = times;
  const lane = async () => { while (left-- > 0) await f(); };
  await Promise.all(Array.from({ length: 50 }, lane));
};
const forever = new AbortController();
const all = new Map<string, (times: number) => Promise<void>>([
  ["plain", pool(() => plain.send(new ReEncryptCommand(input)))],
  ["plain1", pool(() => plain1.send(new ReEncryptCommand(input)))],
  ["timeouts", pool(() => timeouts.send(new ReEncryptCommand(input)))],
  ["timeouts+signal", pool(() => timeouts.send(new ReEncryptCommand(input), { abortSignal: new AbortController().signal }))],
  ["ours", pool(() => ours.send(new ReEncryptCommand(input)))],
  ["governor", pool(() => gov.reEncrypt(req, { priority: "campaign", signal: forever.signal, deadlineMs: 300000 }))],
  ["governor+redis", pool(() => govRedis.reEncrypt(req, { priority: "campaign", signal: forever.signal, deadlineMs: 300000 }))],
]);
for (const f of (await import("/tmp/extra.mjs").catch(() => ({ add: undefined }))).add?.({ loop, region, credentials, pool, input, KMSClient, ReEncryptCommand, NodeHttpHandler }) ?? []) all.set(f[0], f[1]);
const only = process.argv[2]?.split(",");
if (only) for (const k of all.keys()) if (!only.includes(k)) all.delete(k);
const t = await interleave(all, { rounds: Number(process.argv[3] ?? 11), sliceMs: 500, warmUpCalls: 4000, warmUpMs: 4000 });
for (const name of all.keys()) console.log(name.padEnd(20), median(t(name)).toFixed(0).padStart(6), "us", (medianRatio(t(name), t("plain"))).toFixed(3));
process.exit(0);
