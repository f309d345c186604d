import type { InitPlan } from "./init-plan.ts";
import type { LeftOut } from "./region-answers.ts";

/** The plan in the words of who has to agree to it. */
export function describePlan({ tables, queues, homes, transitKey, keys }: InitPlan): readonly string[] {
  const lines = keys.found.map(({ use, key, arn }) => `found    ${key} for ${use}: ${arn}`);
  lines.push(...keys.refusals.map((refusal) => `REFUSED  ${refusal}`));
  for (const { region, plans } of tables) {
    for (const plan of plans) {
      const what = { ready: "found   ", changing: "wait for", missing: "create  ", unsuitable: "REFUSED " }[plan.kind];
      lines.push(`${what} table ${plan.table.name} in ${region}`);
    }
  }
  for (const queue of queues) {
    for (const name of [queue.deadLetterName, queue.name]) {
      lines.push(`${queue.missing.includes(name) ? "create  " : "found   "} SQS queue ${name}`);
    }
    if (queue.needsRedrivePolicy)
      lines.push(`change   SQS queue ${queue.name}: rejected jobs go to ${queue.deadLetterName}`);
  }
  for (const { region, home } of homes) {
    lines.push(`tell     ${region} that ${home.profile} has its home in ${home.region}, under epoch ${home.epoch}`);
  }
  if (transitKey === "missing") lines.push("create   transit key pair, its private half wrapped by KMS");
  return lines;
}

/** What is left to be done once that can be reached; nothing where all was looked at that was asked for. */
export function describeGaps({ leftOut, keys, transitKey }: InitPlan): readonly string[] {
  const away = new Set(leftOut.map(({ region }) => region));
  const unknown = keys.unknown.filter(({ regions }) => !regions.some((region) => away.has(region)));
  const gaps = leftOut.flatMap((one) => (one.why === "silent" ? [silentLine(one.region, one.code)] : []));
  gaps.push(...unknown.map(({ problem }) => `warning: ${problem}`));
  if (transitKey === "unknown") gaps.push("warning: KMS cannot be asked about the transit key; none is made");
  return gaps;
}

/** Regions that `--skip` names: said, and no more. */
export function describeSkipped(leftOut: readonly LeftOut[]): readonly string[] {
  return leftOut.flatMap(({ region, why }) => (why === "skipped" ? [`skipped  ${region}, as it was asked for`] : []));
}

export function silentLine(region: string, code: string): string {
  return `warning: ${region} does not answer (${code}); it is left out: run this again once it does`;
}
