import { addCounts } from "../../rewrap-counts.ts";
import type { EvidenceFacts } from "../schema/evidence-schema.ts";
import { agree, amount, counted, placeName } from "./words.ts";

type Sweep = EvidenceFacts["progress"][number];

/** A reseal: records are counted, not wraps, and only by the segments that sealed them again. */
export function resealLines({ progress }: EvidenceFacts): readonly string[] {
  const sweeps = progress.filter(({ phase }) => phase === "reseal");
  if (sweeps.length === 0) return ["No records were looked at."];
  return [...Map.groupBy(sweeps, placeName)].flatMap(([where, ofPlace]) => placeLines(where, ofPlace));
}

function placeLines(where: string, sweeps: readonly Sweep[]): readonly string[] {
  const resealed = addCounts(sweeps.map(({ counts }) => counts)).resealed ?? 0;
  const lines = [
    `${counted(resealed, "record")} of ${where} ${agree(resealed, "was", "were")} sealed again under new DEKs, ` +
      "as far as its segments counted, which tells progress only.",
  ];
  // In the order of sweeps.
  const last = sweeps.at(-1);
  if (!last) return lines;
  const { scanned = 0, resealed: again = 0, conflict = 0, failed = 0, malformed = 0 } = last.counts;
  const whole = last.whole
    ? ""
    : `, which is NOT whole (${amount(last.done)} of its ${counted(last.segments, "segment")} are done),`;
  const rest = `${amount(again)} sealed again, ${amount(conflict)} that changed meanwhile, ${amount(failed + malformed)} that failed`;
  return [...lines, `Sweep ${last.sweep} over ${where}${whole} looked at ${counted(scanned, "record")}: ${rest}.`];
}
