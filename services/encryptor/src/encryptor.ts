/**
 * The encryptor: takes encrypt jobs from its queues and stores sealed records.
 *
 * It owns batching. What a job needs (a DEK, the envelope, the conditional write)
 * belongs to the packages below.
 */

import { type EncryptDeks, type Heartbeat, isKeyTrouble, type ProfileHomes } from "@dekhand/deks";
import { createPatience, type EncryptJob, type JobConsumer } from "@dekhand/jobs";
import type { DeploymentConfig, Logger, Service } from "@dekhand/runtime";
import type { DebtItem, PutOutcome } from "@dekhand/store";
import { createQueueWorker } from "@dekhand/worker";
import { type Batcher, createBatcher } from "./batcher.ts";
import { createEncryptHandler } from "./encrypt-record.ts";
import { type HomeStores, type RecordToStore, storeBatch } from "./store-batch.ts";

export interface EncryptorDeps {
  readonly config: DeploymentConfig;
  readonly consumers: readonly JobConsumer<EncryptJob>[];
  readonly deks: EncryptDeks;
  readonly homes: Pick<ProfileHomes, "of" | "onMove">;
  /** The tables of one of the deployment's Regions. */
  readonly stores: (region: string) => HomeStores;
  /** Tells replicators of debt that is durable; does not wait for them. Default: they find it by themselves. */
  readonly announce?: (debt: readonly DebtItem[]) => void;
  readonly heartbeat: Heartbeat;
  readonly logger: Logger;
  readonly options?: Partial<EncryptorOptions>;
}

export interface EncryptorOptions {
  /** Records in one write: DynamoDB takes 25 conditional statements a call. */
  readonly batchItems: number;
  /** How long a sealed record waits for company, in milliseconds. */
  readonly batchDelayMs: number;
  /** Writes under way at once, a Region. */
  readonly concurrentWrites: number;
  /** Jobs of one profile that may wait for a disabled or denied key at once. */
  readonly maxWaitingForKey: number;
  /** How long a job waits for trouble to pass before its message is handed back, in milliseconds. */
  readonly holdMs: number;
}

const defaults: EncryptorOptions = {
  batchItems: 25,
  batchDelayMs: 4,
  concurrentWrites: 8,
  maxWaitingForKey: 100,
  holdMs: 6 * 3_600_000,
};

export function createEncryptor(deps: EncryptorDeps): Service {
  const options = { ...defaults, ...deps.options };
  const stopped = new AbortController();

  // One a Region, made with the first record that goes there: a failover may take a profile to any of its Regions.
  const writers = new Map<string, Batcher<RecordToStore, PutOutcome>>();
  const writerFor = (region: string): Batcher<RecordToStore, PutOutcome> => {
    const known = writers.get(region);
    if (known) return known;
    const { announce = () => undefined } = deps;
    const places = { ...deps.stores(region), announce };
    const made = createBatcher<RecordToStore, PutOutcome>({
      maxItems: options.batchItems,
      maxDelayMs: options.batchDelayMs,
      maxConcurrent: options.concurrentWrites,
      run: (batch) => storeBatch(batch, places, { signal: stopped.signal }),
    });
    writers.set(region, made);
    return made;
  };

  const handler = createEncryptHandler({
    profiles: deps.config.profiles,
    deks: deps.deks,
    homes: deps.homes,
    put: (region, record) => writerFor(region).submit(record),
    patience: createPatience({ ...options, concernsKey: isKeyTrouble, logger: deps.logger }),
    logger: deps.logger,
  });

  return createQueueWorker({
    takes: "encrypt jobs",
    consumers: deps.consumers,
    handler,
    heartbeat: deps.heartbeat,
    onIdle() {
      stopped.abort();
      deps.deks.close();
    },
    logger: deps.logger,
  });
}
