/** Which records are under which DEKs, counted by the heads of all Regions. */

import { allOrAbort } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { createJudgeDek } from "./judge-dek.ts";
import type { ResealRegion } from "./reseal-region.ts";
import type { ResealSelection } from "./reseal-selection.ts";

export interface CountHeadsOptions extends CallOptions {
  /** Parallel segments of each records table. Default 4. */
  readonly segments?: number;
}

export interface CountedHeads {
  readonly region: string;
  /** Under a selected DEK. One that cannot be read counts where it names such a DEK. */
  readonly heads: number;
  /** That cannot be read, whatever they name. */
  readonly malformed: number;
}

/** Strongly consistent. Throws StoreErrors, and the signal's reason: half a count is none. */
export async function countHeadsUnder(
  selection: ResealSelection,
  regions: readonly ResealRegion[],
  options: CountHeadsOptions = {},
): Promise<readonly CountedHeads[]> {
  const counted: CountedHeads[] = [];
  for (const one of regions) {
    const judge = createJudgeDek(selection, one.deks);
    const count = { heads: 0, malformed: 0 };
    const isNamed = async (dekId: string, signal: AbortSignal) => {
      const { kind } = await judge(dekId, { signal });
      // An id that was asked for counts even where its DEK is not there (any more).
      return kind === "selected" || (kind === "unknown" && "deks" in selection);
    };
    await eachHead(one, options, async (dekId, isMalformed, signal) => {
      if (isMalformed) count.malformed += 1;
      if (dekId !== undefined && (await isNamed(dekId, signal))) count.heads += 1;
    });
    counted.push({ region: one.region, ...count });
  }
  return counted;
}

/** Comes to every head of one Region, with the DEK that it names as far as that can be read. */
export async function eachHead(
  { records }: Pick<ResealRegion, "records">,
  { segments = 4, signal }: CountHeadsOptions,
  work: (dekId: string | undefined, isMalformed: boolean, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const scan = async (index: number, stop: AbortSignal) => {
    let cursor: string | undefined;
    do {
      const from = cursor === undefined ? {} : { cursor };
      const page = await records.scanHeads({ index, of: segments }, { ...from, consistent: true, signal: stop });
      for (const { dekId } of page.heads) await work(dekId, false, stop);
      for (const { dekId } of page.malformed) await work(dekId, true, stop);
      ({ cursor } = page);
    } while (cursor !== undefined);
  };
  const all = Array.from({ length: segments }, (_, index) => (stop: AbortSignal) => scan(index, stop));
  await allOrAbort(all, signal);
}
