import { type LocalRedis, startRedis } from "@dekhand/local-redis";
import { createLogger } from "@dekhand/runtime";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { type BullConsumerOptions, createBullConsumer } from "../bullmq/bull-consumer.ts";
import { createBullProducer } from "../bullmq/bull-producer.ts";
import type { QuarantineEntry } from "../bullmq/quarantine.ts";
import { createBullRejectedJobs } from "../bullmq/rejected-bull-jobs.ts";
import type { EncryptJob, EncryptJobInput } from "../contracts/encrypt-job.ts";
import { encryptJobs } from "../contracts/encrypt-jobs.ts";
import type { JobConsumer } from "../delivery.ts";
import type { JobProducer } from "../producer.ts";
import type { RejectedJobs } from "../rejected-jobs.ts";
import { createTransitFixture, type TransitFixture } from "./transit-fixture.ts";

/** A Redis of one's own that hands out empty queues. */
export interface BullBench {
  readonly server: LocalRedis;
  readonly redis: Redis;
  readonly fixture: TransitFixture;
  readonly fresh: () => BullQueue;
  /** Everything that Redis holds, as text. */
  readonly dump: () => Promise<string>;
  /** Ends what the queues handed out so far have started. */
  readonly clear: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface BullQueue {
  readonly connection: { readonly url: string };
  readonly queue: string;
  readonly prefix: string;
  /** BullMQ's own queue: for what no producer of ours does. */
  readonly raw: Queue;
  readonly producer: JobProducer<EncryptJobInput>;
  readonly rejected: RejectedJobs;
  readonly quarantined: readonly QuarantineEntry[];
  readonly consume: (options?: Partial<BullConsumerOptions<EncryptJob>>) => JobConsumer<EncryptJob>;
}

export async function startBullBench(): Promise<BullBench> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  const fixture = createTransitFixture();
  const keyring = fixture.keyring();
  const logger = createLogger({ service: "test", level: "silent" });
  const ends: (() => Promise<unknown>)[] = [];
  let made = 0;

  const clear = async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  };

  return {
    server,
    redis,
    fixture,
    clear,
    fresh() {
      made += 1;
      const settings = { connection: { url: server.url }, queue: `own-${made}`, prefix: "test" };
      const quarantined: QuarantineEntry[] = [];
      const raw = new Queue(settings.queue, { connection: { url: server.url }, prefix: settings.prefix });
      const producer = createBullProducer({ ...settings, transit: fixture.transit });
      const rejected = createBullRejectedJobs({ ...settings, logger });
      ends.push(() => Promise.all([raw.close(), producer.close(), rejected.close()]));
      const consume = (options: Partial<BullConsumerOptions<EncryptJob>> = {}) => {
        const quarantine = async (entry: QuarantineEntry) => void quarantined.push(entry);
        const consumer = createBullConsumer({
          ...settings,
          jobs: encryptJobs({ transit: keyring }),
          logger,
          quarantine,
          ...options,
        });
        ends.push(() => consumer.drain({ ms: 300 }));
        return consumer;
      };
      return { ...settings, raw, producer, rejected, quarantined, consume };
    },
    async dump() {
      const keys = await redis.keys("*");
      return (await Promise.all(keys.map((key) => contents(redis, key)))).join("\n");
    },
    async stop() {
      await clear();
      keyring.close();
      redis.disconnect();
      await server.stop();
    },
  };
}

async function contents(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case "hash":
      return JSON.stringify(await redis.hgetall(key));
    case "stream":
      return JSON.stringify(await redis.xrange(key, "-", "+"));
    case "list":
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case "zset":
      return JSON.stringify(await redis.zrange(key, "0", "-1"));
    case "set":
      return JSON.stringify(await redis.smembers(key));
    default:
      return String(await redis.get(key));
  }
}
