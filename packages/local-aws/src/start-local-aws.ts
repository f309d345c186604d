import { join } from "node:path";
import { startControlServer } from "./control/control-server.ts";
import { type ControlledRegion, createControl, type LocalAwsControl } from "./control/local-aws-control.ts";
import { createDynamodbService, type DynamodbService } from "./dynamodb/dynamodb-service.ts";
import { LocalAwsError } from "./errors.ts";
import { createCallCounter } from "./faults/call-counts.ts";
import { createRegionFaults } from "./faults/region-faults.ts";
import { seededRandom } from "./faults/seeded-random.ts";
import { startRegionEndpoint } from "./http/region-endpoint.ts";
import { createKmsService } from "./kms/kms-service.ts";
import { KmsStore } from "./kms/kms-store.ts";
import { restoreKeys, storeKeys } from "./kms/stored-keys.ts";
import { checkOptions, type LocalAwsOptions } from "./options.ts";
import type { AwsService } from "./service.ts";
import { createSqsService } from "./sqs/index.ts";
import { createDebouncedSave, type DebouncedSave } from "./state/debounced-save.ts";
import { createStateFile, makePrivateFolder, readStateFile } from "./state/state-file.ts";

export interface LocalAws extends AsyncDisposable {
  readonly regions: readonly string[];
  readonly accountId: string;
  /** By Region: one URL for KMS, SQS and DynamoDB. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** The control handle over HTTP. */
  readonly controlUrl: string;
  readonly control: LocalAwsControl;
  /** Ends all connections, saves what is kept in a folder, and leaves no handle open. */
  close(): Promise<void>;
}

const ZERO_ACCOUNT = "000000000000";
/** How long after a change SQS's messages are saved; a killed process loses at most this. */
const SQS_SAVE_DELAY_MS = 250;

/**
 * Starts KMS, SQS and DynamoDB for each Region, and the control.
 *
 * Throws LOCAL_AWS_OPTION_INVALID, LOCAL_AWS_HOST_NOT_LOOPBACK,
 * LOCAL_AWS_PORT_TAKEN, LOCAL_AWS_DATA_DIR_IN_USE or
 * LOCAL_AWS_STATE_UNREADABLE; nothing is left running then.
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  checkOptions(options);
  const { regions, dataDir, host = "127.0.0.1", ports = {}, accountId = ZERO_ACCOUNT, now = Date.now } = options;
  await using starting = new AsyncDisposableStack();
  if (dataDir !== undefined) await makePrivateFolder(dataDir);

  const tables = new Map<string, DynamodbService>();
  for (const region of regions) tables.set(region, startDynamodb(region, accountId, dataDir, starting));
  if (dataDir !== undefined) await openTables([...tables.values()]);

  const kmsStore = await openKmsStore({ ...options, accountId, now }, starting);
  const random = options.seed === undefined ? Math.random : seededRandom(options.seed);
  const controlled = new Map<string, ControlledRegion>();
  for (const [region, dynamodb] of tables) {
    const kms = createKmsService({ store: kmsStore, region });
    const sqs = await startSqs({ region, accountId, dataDir, now, limits: options.sqs }, starting);
    const faults = createRegionFaults({ random, clock: () => performance.now(), quotas: options.kms?.quotas ?? {} });
    const counter = createCallCounter();
    const endpoint = await startRegionEndpoint({
      region,
      host,
      port: ports[region] ?? 0,
      services: { kms, sqs, dynamodb },
      faults,
      counter,
    });
    // Deferred last, so that no call arrives any more when the services are closed.
    starting.defer(() => endpoint.close());
    controlled.set(region, { faults, counter, endpoint });
  }

  const endpoints = Object.fromEntries([...controlled].map(([region, { endpoint }]) => [region, endpoint.url]));
  const control = createControl(controlled, kmsStore);
  const server = await startControlServer({ host, port: options.controlPort ?? 0, control, endpoints });
  starting.defer(() => server.close());

  const started = starting.move();
  const close = (): Promise<void> => started.disposeAsync();
  return {
    regions: [...regions],
    accountId,
    endpoints,
    controlUrl: server.url,
    control,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function startDynamodb(
  region: string,
  accountId: string,
  dataDir: string | undefined,
  started: AsyncDisposableStack,
): DynamodbService {
  const path = dataDir === undefined ? undefined : join(dataDir, region, "dynamodb");
  const service = createDynamodbService({ region, accountId, ...(path !== undefined && { path }) });
  started.defer(() => service.closed());
  return service;
}

async function openTables(services: readonly DynamodbService[]): Promise<void> {
  const opened = await Promise.allSettled(services.map((service) => service.open()));
  const failed = opened.find((result) => result.status === "rejected");
  if (failed) {
    throw new LocalAwsError("LOCAL_AWS_DATA_DIR_IN_USE", "the data folder's tables cannot be opened", {
      cause: failed.reason,
    });
  }
}

async function openKmsStore(
  options: LocalAwsOptions & { accountId: string; now: () => number },
  started: AsyncDisposableStack,
): Promise<KmsStore> {
  const { dataDir, accountId, regions, now } = options;
  const settings = { accountId, regions, now, settleMs: options.kms?.settleMs ?? 0 };
  if (dataDir === undefined) return new KmsStore({ ...settings, save: () => Promise.resolve() });
  const path = join(dataDir, "kms.json");
  const file = createStateFile(path);
  const snapshot = () => storeKeys(store);
  const store = new KmsStore({ ...settings, save: () => file.save(snapshot) });
  const stored = await readStateFile(path);
  if (stored) restoreKeys(store, stored);
  // When keys were last used changes with each call and is written with the next change of a key, or here.
  started.defer(() => file.save(snapshot));
  return store;
}

async function startSqs(
  options: {
    region: string;
    accountId: string;
    dataDir: string | undefined;
    now: () => number;
    limits: LocalAwsOptions["sqs"];
  },
  started: AsyncDisposableStack,
): Promise<AwsService> {
  const { region, accountId, dataDir, now, limits } = options;
  if (dataDir === undefined) {
    const service = createSqsService({ region, accountId, now, limits });
    started.defer(() => service.close());
    return service;
  }
  await makePrivateFolder(join(dataDir, region));
  const path = join(dataDir, region, "sqs.json");
  const restore = await readStateFile(path);
  let save: DebouncedSave | undefined;
  const service: AwsService = createSqsService({
    region,
    accountId,
    now,
    limits,
    onChange: () => save?.changed(),
    restore,
  });
  save = createDebouncedSave(createStateFile(path), () => service.snapshot?.() ?? {}, SQS_SAVE_DELAY_MS);
  const saving = save;
  started.defer(async () => {
    service.close();
    await saving.close();
  });
  return service;
}
