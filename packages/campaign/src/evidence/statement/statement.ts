/**
 * The conclusions, in plain words, that follow from the numbers of a campaign's
 * evidence. Each says what was seen and how; none says more.
 */

import type { EvidenceFacts } from "../schema/evidence-schema.ts";
import { leftLines } from "./left-lines.ts";
import { probeLines } from "./probe-lines.ts";
import { resealLines } from "./reseal-lines.ts";
import { swapLines } from "./swap-lines.ts";
import { agree, amount, counted, placeName, sum } from "./words.ts";

export function statementOf(facts: EvidenceFacts): readonly string[] {
  const { kind, targets } = facts.campaign;
  return [
    statusLine(facts),
    ...unreadableLines(facts),
    ...(kind === "reseal" ? resealLines(facts) : targets.flatMap((target) => targetLines(target, facts))),
    ...failureLines(facts),
    ...methodLines(facts),
    "Nothing is said about wraps outside the stores and Regions that are listed, such as those in backups and exports.",
  ];
}

type Target = EvidenceFacts["campaign"]["targets"][number];

function statusLine({ campaign: { status }, history, collectedAt }: EvidenceFacts): string {
  const last = history.findLast(({ from, to }) => from !== to && to === status);
  if (status === "complete") return `The campaign is complete${last ? `, since ${last.at}` : ""}.`;
  const since = last ? `, since ${last.at}, by ${last.actor}: ${last.reason}` : "";
  return `The campaign is NOT complete. It is ${status}${since}. What follows is how it stood at ${collectedAt}.`;
}

function unreadableLines({ unreadableSegments, verification }: EvidenceFacts): readonly string[] {
  const segments = unreadableSegments.length;
  return [
    ...(segments === 0
      ? []
      : [
          `${counted(segments, "segment")} could not be read: what ${agree(segments, "it", "they")} counted is missing.`,
        ]),
    ...(verification ? [] : ["The campaign's settings are not ones that this version can read."]),
  ];
}

function targetLines(target: Target, facts: EvidenceFacts): readonly string[] {
  const isHere = ({ store, region }: { readonly store: string; readonly region: string }) =>
    store === target.store && region === target.region;
  const where = placeName(target);
  const before = facts.census.before.find(isHere);
  const closing = facts.census.closing.find(isHere);
  const lines: string[] = [];
  if (before) {
    const wraps = sum(before.groups.map(({ count }) => count)) + before.unlisted;
    const whole = before.whole ? "" : ", by a census that is not whole";
    lines.push(
      `Before the campaign ${counted(wraps, "wrap")} ${agree(wraps, "was", "were")} counted in ${where}${whole}.`,
    );
  } else lines.push(`No census from before the campaign is kept for ${where}.`);
  if (!closing) return [...lines, `There is no closing census of ${where}: nothing is known about what is left there.`];
  if (!closing.whole) {
    const done = `${amount(closing.done)} of its ${counted(closing.segments, "segment")}`;
    lines.push(`The closing census of ${where} is NOT whole: ${done} are done. Its numbers are what these counted.`);
  }
  const sweep = Math.max(0, ...facts.progress.filter(isHere).map((one) => one.sweep));
  if (sweep > closing.sweep) {
    lines.push(
      `The census of ${where} closed sweep ${closing.sweep}. Sweep ${sweep} has begun since: its work is not in it.`,
    );
  }
  const context = { target, closing, where };
  return [...lines, ...leftLines(context), ...probeLines(context), ...swapLines({ ...context, facts, isHere })];
}

function failureLines({ failures: { counts, leftOut } }: EvidenceFacts): readonly string[] {
  const { open, skipped, unreadable } = counts;
  if (open + skipped + unreadable === 0) return ["No failure is unresolved."];
  const unread = unreadable === 0 ? "" : `, and ${amount(unreadable)} cannot be read and count as open`;
  return [
    `${counted(open, "failure")} ${agree(open, "is", "are")} open, ${amount(skipped)} skipped on an operator's word${unread}.`,
    ...(leftOut === 0
      ? []
      : [`${counted(leftOut, "unresolved failure")} beyond those listed ${agree(leftOut, "is", "are")} left out.`]),
  ];
}

/** What the numbers are worth. */
function methodLines({ census, verification }: EvidenceFacts): readonly string[] {
  if (census.closing.length === 0) return [];
  const labels = "A census counts wraps by what they say about themselves; what they are, only probes show.";
  if (verification?.probeBy !== "dry-run") return [labels];
  const dryRun =
    "A probe by dry run shows that KMS takes the wrap, undamaged, for one under that key and with its context. " +
    "It does not show which DEK is in it, nor under which material of the key it is.";
  return [labels, dryRun];
}
