/** What the campaign swapped in one store and Region: by the wraps' own marks, and by the counters of its segments. */

import { addCounts } from "../../rewrap-counts.ts";
import type { EvidenceFacts } from "../schema/evidence-schema.ts";
import { judged, type PlaceFacts } from "./left-lines.ts";
import { agree, amount, counted, sum } from "./words.ts";

export interface SwapFacts extends PlaceFacts {
  readonly facts: EvidenceFacts;
  readonly isHere: (place: { readonly store: string; readonly region: string }) => boolean;
}

export function swapLines({ closing, where, facts, isHere }: SwapFacts): readonly string[] {
  const marked = sum(closing.groups.filter(({ swapped }) => swapped).map(({ count }) => count));
  const sweeps = facts.progress.filter((one) => one.phase === "rewrap" && isHere(one));
  const rewrapped = addCounts(sweeps.map(({ counts }) => counts));
  const inCanary = addCounts(facts.canary.filter(isHere).map(({ counts }) => counts)).swapped ?? 0;
  const swapped = (rewrapped.swapped ?? 0) + inCanary;
  const unlabelled = judged(closing, "unlabelled");
  const followed = facts.progress.filter((one) => one.phase === "follow" && isHere(one));
  const { copied = 0 } = addCounts(followed.map(({ counts }) => counts));
  return [
    ...(marked + swapped === 0
      ? []
      : [
          `${counted(marked, "wrap")} in ${where} ${agree(marked, "says", "say")} that this campaign swapped ${agree(marked, "it", "them")}; ` +
            `its segments counted ${counted(swapped, "swap")}, which tells progress only: a page that a crash undid is counted by who ran it again.`,
        ]),
    ...(copied === 0
      ? []
      : [
          `${amount(copied)} ${agree(copied, "copy", "copies")} in ${where} ${agree(copied, "was", "were")} replaced by what the wrap's own Region had by then, without KMS; ` +
            `a copy says what its wrap says, this campaign's mark included.`,
        ]),
    ...(unlabelled === 0 ? [] : [passLine(unlabelled, where, sweeps, rewrapped, inCanary)]),
  ];
}

/** No label could tell, so all there is to go by is that a pass over all wraps came to its end. */
function passLine(
  unlabelled: number,
  where: string,
  sweeps: EvidenceFacts["progress"],
  rewrapped: Readonly<Record<string, number>>,
  inCanary: number,
): string {
  const kept = `${counted(unlabelled, "wrap")} in ${where} ${agree(unlabelled, "keeps", "keep")} no label that tells key material`;
  if (!sweeps.some(({ whole }) => whole)) return `${kept}, and no pass over all of them has come to its end.`;
  const { current = 0, currentConcluded = 0, failed = 0, malformed = 0, conflict = 0 } = rewrapped;
  const swapped = (rewrapped.swapped ?? 0) + inCanary;
  const rest = failed + malformed + conflict;
  const each = rest === 0 && swapped >= unlabelled ? ": each wrap was swapped once" : "";
  const counts =
    `${amount(swapped)} swapped, ${amount(current + currentConcluded)} found current, ` +
    `${amount(rest)} that failed or changed meanwhile`;
  return `${kept}${each}, as far as the segments of the rewrap passes counted: ${counts}.`;
}
