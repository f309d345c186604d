/** A campaign of many wraps, and the script that people write today, at the same wraps in turns. */

import { startRedis } from "@dekhand/local-redis";
import type { Benchmark } from "../benchmark.ts";
import { figuresOf } from "./figures.ts";
import type { Place } from "./place.ts";
import { columns, methodOf, type Outcome, rowsOf, targetsOf } from "./report.ts";
import { type Round, type RunPlaceOptions, runPlace } from "./run-place.ts";
import { setEmbeddedPlace } from "./set-embedded-place.ts";
import { setLoopbackPlace } from "./set-loopback-place.ts";
import { contestants, contestantTitles } from "./settings.ts";
import { type AllSizes, fullSizes, quickSizes } from "./sizes.ts";

export const campaignBenchmark: Benchmark = {
  name: "campaign",
  summary: "100,000 wraps rewrapped beside the script that people write: wraps/s, CPU and memory",
  async run({ quick }) {
    const outcome = await measureCampaign(quick ? quickSizes : fullSizes);
    return {
      method: methodOf(outcome),
      table: { columns, rows: rowsOf(outcome) },
      targets: targetsOf(outcome),
    };
  },
};

/** @param say hears how far it came */
export async function measureCampaign(sizes: AllSizes, say = sayOnStandardError): Promise<Outcome> {
  await using stack = new AsyncDisposableStack();
  say("setting the stage");
  const redis = stack.use(await startRedis());
  const embedded = await setEmbeddedPlace(stack, sizes.embedded);
  const shared = { control: embedded.dynamodb, redisUrl: redis.url };
  const atEmbedded = await runAndSay(embedded, { ...shared, sizes: sizes.embedded }, say);
  const loopback = await setLoopbackPlace(stack, sizes.loopback);
  const atLoopback = await runAndSay(loopback, { ...shared, sizes: sizes.loopback }, say);
  return { sizes, embedded: atEmbedded, loopback: atLoopback };
}

async function runAndSay(
  place: Place,
  options: Omit<RunPlaceOptions, "onRound">,
  say: (what: string) => void,
): Promise<readonly Round[]> {
  const onRound = (round: Round) => {
    const texts = contestants.map((each) => {
      const { perSecond, cpuMicrosPerWrap } = figuresOf([round[each]]);
      return `${contestantTitles[each]} ${Math.round(perSecond)} wraps/s, ${cpuMicrosPerWrap[0]?.toFixed(0)} us`;
    });
    say(`${place.name}: ${texts.join("; ")}`);
  };
  return await runPlace(place, { ...options, onRound });
}

/** So that standard output is the report and nothing else. */
function sayOnStandardError(what: string): void {
  process.stderr.write(`campaign: ${what}\n`);
}
