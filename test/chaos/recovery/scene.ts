/** Three Regions, services in two of them, ingestion at a steady rate, and a ledger in front of either queue. */

import { embeddedCredentials } from "@dekhand/cli";
import { eventually, seededRandom } from "@dekhand/testing";
import { apart, home, related } from "../../stack/replicated-stack.ts";
import { prepareSecondHome, type SecondHome } from "../../stack/second-home.ts";
import { type Stack, startStack } from "../../stack/start-stack.ts";
import { configWith } from "../config-with.ts";
import { warmStart } from "../warm-start.ts";
import { createJobBook, type JobBook } from "./job-book.ts";
import { drawPlan, type Plan } from "./plan.ts";
import { type RegionServices, startServices } from "./services.ts";
import { type SqsLedger, startSqsLedger } from "./sqs-ledger.ts";
import { type Queue, type SteadyProducer, startProducer } from "./steady-producer.ts";

export { apart, home, related };

export const regions = [home, related, apart] as const;
/** Jobs a second. */
export const perSecond = 50;

/** One of the two Regions that are the home in turn. */
export interface Side {
  readonly region: string;
  readonly queue: Queue;
  readonly ledger: SqsLedger;
  readonly services: RegionServices;
}

export interface Scene extends AsyncDisposable {
  readonly plan: Plan;
  readonly stack: Stack;
  readonly there: SecondHome;
  readonly book: JobBook;
  readonly producer: SteadyProducer;
  readonly first: Side;
  readonly second: Side;
}

export async function setScene(seed: number): Promise<Scene> {
  await using setting = new AsyncDisposableStack();
  const replicas = { [related]: "multi-region", [apart]: "encrypt" } as const;
  const bare = setting.use(await startStack({ regions, replicas }));
  const ledgers = await startLedgers(bare, setting);
  const stack = await behind(bare, ledgers);
  const there = setting.use(await prepareSecondHome(stack, related));

  const { DEKHAND_CONFIG = "" } = stack.env;
  const env = {
    ...(await warmStart((warm) => stack.spawnEncryptor({ ...warm, DEKHAND_CONFIG }))),
    DEKHAND_CONFIG,
    // What a killed worker held comes back soon.
    DEKHAND_LEASE_SECONDS: "4",
  };
  const ownEnv = { ...env, DEKHAND_CONTROL: related, DEKHAND_REDIS_URL: there.redisUrl };
  const atHome = setting.use(startServices(stack, home, { encryptors: 2, control: true, env }));
  const elsewhere = setting.use(startServices(stack, related, { encryptors: 1, control: false, env: ownEnv }));
  atHome.startReplicators();
  await eventually(() => atHome.isUp() && elsewhere.isUp(), { timeoutMs: 90_000 });

  const book = createJobBook();
  const queue = { region: home, client: stack.client };
  const producer = setting.use(startProducer(book, perSecond, queue));
  // Whatever waits for a Region that a failed test has left cut off goes on.
  setting.defer(() => stack.aws.control.clearFaults());
  const set = setting.move();
  return {
    ...{ plan: drawPlan(seededRandom(seed)), stack, there, book, producer },
    first: { region: home, queue, ledger: ledgers[home], services: atHome },
    second: {
      region: related,
      queue: { region: related, client: there.client },
      ledger: ledgers[related],
      services: elsewhere,
    },
    [Symbol.asyncDispose]: () => set.disposeAsync(),
  };
}

type Ledgers = Readonly<Record<typeof home | typeof related, SqsLedger>>;

async function startLedgers({ aws }: Stack, setting: AsyncDisposableStack): Promise<Ledgers> {
  return {
    [home]: setting.use(await startSqsLedger(aws.endpoints[home] ?? "")),
    [related]: setting.use(await startSqsLedger(aws.endpoints[related] ?? "")),
  };
}

/** The same stack, whose configuration has the ledgers' endpoints of SQS. */
async function behind(bare: Stack, ledgers: Ledgers): Promise<Stack> {
  const { embedded } = bare;
  const sqs = new Map<string, string>(Object.entries(ledgers).map(([region, { url }]) => [region, url]));
  const endpoints = Object.fromEntries(
    Object.entries(bare.config.endpoints).map(([region, each]) => [
      region,
      { ...each, ...(sqs.has(region) && { sqs: sqs.get(region) }) },
    ]),
  );
  // Enough for a reader without Redis, which unwraps every DEK anew.
  const quota = { share: 1, floor: 1, workers: 20 };
  const { config, configFile } = await configWith(embedded.configFile, "ledgers", { endpoints, quota });
  const env = { ...bare.env, DEKHAND_CONFIG: configFile };
  return { ...bare, config, env, client: bare.openClient({ config, credentials: embeddedCredentials }) };
}
