import { fileURLToPath } from "node:url";
import { createLogger } from "@dekhand/runtime";
import { spawnScript } from "@dekhand/testing";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { createBullConsumer } from "../bullmq/bull-consumer.ts";
import type { QuarantineEntry } from "../bullmq/quarantine.ts";
import { createBullRejectedJobs } from "../bullmq/rejected-bull-jobs.ts";
import type { AnyJob, QueueSubject } from "../contract/queue-subject.ts";
import type { JobConsumer } from "../delivery.ts";
import type { BullSubjectKind } from "./subject-kinds.ts";
import { createTransitFixture } from "./transit-fixture.ts";

let made = 0;

/** A fresh queue on a Redis for the contract suites. */
export async function bullSubject<Job extends AnyJob, Input extends AnyJob>(
  url: string,
  kind: BullSubjectKind<Job, Input>,
): Promise<QueueSubject<Job, Input>> {
  made += 1;
  const settings = { connection: { url }, queue: `jobs-${made}`, prefix: `test-${process.pid}` };
  const transit = createTransitFixture();
  const keyring = transit.keyring();
  const logger = createLogger({ service: "test", level: "silent" });
  const producer = kind.bullProducer({ ...settings, transit: transit.transit });
  const raw = new Queue(settings.queue, { connection: { url }, prefix: settings.prefix });
  raw.on("error", () => undefined);
  const redis = new Redis(url);
  const quarantined = new Map<string, QuarantineEntry>();
  const rejected = createBullRejectedJobs({ ...settings, logger });
  const consumers: JobConsumer<Job>[] = [];

  return {
    source: "bullmq",
    transit: transit.transit,
    sample: kind.sample,
    rejected,
    failKeyLookUps: transit.failLookUps,
    async submit(...jobs) {
      for (const result of await producer.submit(jobs)) if (!result.ok) throw result.error;
    },
    async submitRaw(...messages) {
      for (const message of messages) await raw.add("encrypt", message);
    },
    consumer({ leaseMs = 2_000, ...options } = {}) {
      const consumer = createBullConsumer({
        ...settings,
        ...options,
        jobs: kind.jobs(keyring),
        logger,
        lockMs: leaseMs,
        stalledIntervalMs: 300,
        quarantine: async (entry) => void quarantined.set(entry.id, entry),
      });
      consumers.push(consumer);
      return consumer;
    },
    stuckWorker: () =>
      spawnScript({
        script: fileURLToPath(new URL("./stuck-worker.ts", import.meta.url)),
        args: [
          JSON.stringify({
            queueKind: "bullmq",
            jobKind: kind.jobs(keyring).name,
            ...settings,
            keyId: transit.transit.keyId,
            privateKey: Buffer.from(transit.privateKey).toString("base64"),
          }),
        ],
        ready: /^ready$/,
      }),
    async loseLeases() {
      const locks = await redis.keys(`${settings.prefix}:${settings.queue}:*:lock`);
      await redis.del(...locks);
    },
    reasons: async () => [...quarantined.values()],
    open: () => raw.getJobCountByTypes("waiting", "active", "delayed", "prioritized", "failed", "completed"),
    async [Symbol.asyncDispose]() {
      await Promise.all(consumers.map((consumer) => consumer.drain({ ms: 300 })));
      await Promise.all([producer.close(), rejected.close(), raw.close()]);
      keyring.close();
      redis.disconnect();
    },
  };
}
