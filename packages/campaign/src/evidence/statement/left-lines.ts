/** What the closing census left of one store and Region: by labels, and as verification judged them. */

import type { CampaignTarget } from "@dekhand/store";
import type { VerifyCount } from "../../phases/verify-phase.ts";
import type { ClosingCensus } from "../schema/evidence-schema.ts";
import { agree, amount, counted, sum } from "./words.ts";

export interface PlaceFacts {
  readonly target: CampaignTarget;
  readonly closing: ClosingCensus;
  /** The place, in words. */
  readonly where: string;
}

export function judged({ judged: counts }: ClosingCensus, name: VerifyCount): number {
  return counts[name] ?? 0;
}

export function leftLines(facts: PlaceFacts): readonly string[] {
  return [...labelLines(facts), ...judgedLines(facts)];
}

/** By the labels, of the wraps that have such labels. */
function labelLines({ target, closing, where }: PlaceFacts): readonly string[] {
  const { groups, unlisted, malformed } = closing;
  const labelled = groups.filter(({ keyArn }) => keyArn !== undefined);
  const isRotation = target.sources.includes(target.keyArn);
  const leaving = target.sources.filter((source) => source !== target.keyArn);
  const unlabelled = countOf(groups) - countOf(labelled);
  return [
    ...(labelled.length === 0 && unlabelled > 0
      ? []
      : leaving.map((source) => {
          const left = countOf(labelled.filter(({ keyArn }) => keyArn === source));
          const of = counted(countOf(labelled), "wrap");
          return `${amount(left)} of ${of} in ${where} ${agree(left, "is", "are")} left under key ${source}, by their labels.`;
        })),
    ...(isRotation ? materialLines({ target, where }, labelled) : []),
    ...note(
      unlabelled,
      where,
      "keep no key ARN, so that no census tells the key",
      "keeps no key ARN, so that no census tells the key",
    ),
    ...note(
      unlisted,
      where,
      "have labels that are too long, or of too many kinds, to be told apart",
      "has labels that are too long, or of too many kinds, to be told apart",
    ),
    ...(malformed === 0
      ? []
      : [`${counted(malformed, "item")} in ${where} cannot be read as ${agree(malformed, "a wrap", "wraps")}.`]),
  ];
}

/** A rotation: the key is the same, its material tells. */
function materialLines(
  { target: { keyArn: key, material }, where }: Pick<PlaceFacts, "target" | "where">,
  labelled: ClosingCensus["groups"],
): readonly string[] {
  const under = labelled.filter(({ keyArn }) => keyArn === key);
  const told = under.filter((group) => group.material !== undefined);
  const untold = countOf(under) - countOf(told);
  const left = countOf(told.filter((group) => group.material !== material));
  const among = `of ${counted(countOf(told), "wrap")} in ${where} that name their key material`;
  const byMaterial = `${amount(left)} ${among} ${agree(left, "is", "are")} left under another material of key ${key} than ${material}, by their labels.`;
  return [
    ...(material === undefined || told.length === 0 ? [] : [byMaterial]),
    ...note(untold, where, `under key ${key} keep no material id`, `under key ${key} keeps no material id`),
  ];
}

function judgedLines({ target, closing, where }: PlaceFacts): readonly string[] {
  const of = (name: VerifyCount) => judged(closing, name);
  const [stale, failing, skipped, other] = [of("stale"), of("failing"), of("skipped"), of("other")];
  const concluded = of("currentConcluded");
  const all = countOf(closing.groups) + closing.unlisted;
  const looked = sum([of("current"), concluded, other, of("unlabelled"), stale, failing, skipped]);
  if (looked === 0 && all > 0) return [`The wraps in ${where} were counted and not judged.`];
  const left = `${counted(stale, "wrap")} in ${where} ${agree(stale, "is", "are")} left to be rewrapped, as verification judged them`;
  const failed = failing + skipped === 0 ? "" : `; ${amount(failing)} more failed and ${amount(skipped)} were skipped`;
  const settled = target.material === undefined ? "" : ", because no material id is kept";
  return [
    `${left}${failed}.`,
    ...(concluded === 0
      ? []
      : [
          `${counted(concluded, "wrap")} in ${where} ${agree(concluded, "is", "are")} judged by this campaign's mark or by time${settled}.`,
        ]),
    ...(other === 0
      ? []
      : [
          `${counted(other, "wrap")} in ${where} ${agree(other, "is", "are")} under keys that the campaign does not concern.`,
        ]),
    ...(all > looked ? [`${counted(all - looked, "wrap")} in ${where} could not be judged.`] : []),
  ];
}

function note(count: number, where: string, many: string, one: string): readonly string[] {
  return count === 0 ? [] : [`${counted(count, "wrap")} in ${where} ${agree(count, one, many)}.`];
}

function countOf(groups: ClosingCensus["groups"]): number {
  return sum(groups.map(({ count }) => count));
}
