import type { CensusEvidence, Evidence } from "../schema/evidence-schema.ts";
import { html, type Markup } from "./markup.ts";
import { type Cell, countsText, table } from "./table.ts";

/** What the wraps said before and at the end, and what verification made of them. */
export function censusSection({ census: { before, closing } }: Evidence): Markup {
  const judged = closing.map(({ store, region, sweep, judged: counts, done, segments }) => [
    store,
    region,
    sweep,
    `${done} of ${segments}`,
    countsText(counts),
  ]);
  return html`<section><h2>Census before the campaign</h2>
${groups(before, "None was taken.")}
<h2>Closing census</h2>
${groups(closing, "None was taken.")}
<h2>Verification</h2>
${table(["store", "Region", "sweep", "segments done", "judged"], judged, "Nothing was verified.")}</section>`;
}

function groups(censuses: readonly CensusEvidence[], none: string): Markup {
  return table(["store", "Region", "key", "material", "swapped by it", "wraps"], censuses.flatMap(rows), none);
}

function rows({ store, region, groups: all, unlisted, malformed, whole, done, segments }: CensusEvidence): Cell[][] {
  const place = [store, region];
  return [
    ...(whole ? [] : [[...place, `NOT whole: ${done} of ${segments} segments are done`, "", "", undefined]]),
    ...all.map(({ keyArn, material, swapped, count }) => [
      ...place,
      keyArn ?? "not kept",
      material ?? "not kept",
      swapped ? "yes" : "",
      count,
    ]),
    ...(unlisted === 0 ? [] : [[...place, "labels that cannot be told apart", "", "", unlisted]]),
    ...(malformed === 0 ? [] : [[...place, "cannot be read as wraps", "", "", malformed]]),
  ];
}
