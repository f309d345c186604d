/** Both contestants at one place, in turns. */

import { type Child, startChild } from "../quota/child-process.ts";
import { type Place, prefixes, requireAllUnder } from "./place.ts";
import {
  type Contestant,
  contestants,
  segmentsAtOnce,
  type Work,
  type WorkerSettings,
  type WorkResult,
} from "./settings.ts";
import type { Sizes } from "./sizes.ts";

export interface RunPlaceOptions {
  readonly sizes: Sizes;
  /** DynamoDB of the control Region. */
  readonly control: string;
  readonly redisUrl: string;
  readonly onRound: (round: Round) => void;
}

export type Round = Readonly<Record<Contestant, WorkResult>>;

/**
 * Each round is some segments of the table: Dekhand rewraps them, and then the script does, from where Dekhand has brought
 * them. So both do the same, side by side, and the script's ReEncrypts prove Dekhand's. Throws where a wrap was missed.
 */
export async function runPlace(place: Place, options: RunPlaceOptions): Promise<readonly Round[]> {
  const { sizes, onRound } = options;
  await using stack = new AsyncDisposableStack();
  const [dekhand, script] = await Promise.all(contestants.map((each) => startWorker(stack, place, each, options)));
  const both = async (work: Work): Promise<Round> => ({
    dekhand: await askFor(dekhand, work),
    script: await askFor(script, work),
  });

  const all = numbersFrom(0, segmentsAtOnce);
  await both({ prefix: prefixes.warmUp, segments: all, of: segmentsAtOnce });
  const rounds: Round[] = [];
  for (let at = 0; at < sizes.rounds; at++) {
    const segments = numbersFrom(at * segmentsAtOnce, segmentsAtOnce);
    const of = sizes.rounds * segmentsAtOnce;
    const round = await both({ prefix: prefixes.bench, segments, of, wraps: sizes.wraps });
    onRound(round);
    rounds.push(round);
  }
  await requireAllUnder(place, { prefix: prefixes.bench, keyArn: place.keyArns[2], wraps: sizes.wraps });
  return rounds;
}

async function startWorker(
  stack: AsyncDisposableStack,
  { kms, dynamodb, keyArns }: Place,
  contestant: Contestant,
  { control, redisUrl }: RunPlaceOptions,
): Promise<Child> {
  const child = stack.use(await startChild(import.meta.resolve("./worker-process.ts")));
  const [first, second, third] = keyArns;
  const [sourceKeyArn, targetKeyArn] = contestant === "dekhand" ? [first, second] : [second, third];
  const settings: WorkerSettings = { contestant, kms, dynamodb, control, redisUrl, sourceKeyArn, targetKeyArn };
  await child.ask(settings);
  return child;
}

function askFor(child: Child | undefined, work: Work): Promise<WorkResult> {
  if (child === undefined) throw new Error("a contestant is missing");
  return child.ask<WorkResult>(work, { timeoutMs: turnMs });
}

/** How long one turn may take. */
const turnMs = 10 * 60_000;

function numbersFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => first + at);
}
