import { allOrAbort } from "@dekhand/runtime";
import type { CallOptions, DekSummary } from "@dekhand/store";
import { isSelected } from "./judge-dek.ts";
import type { ResealRegion } from "./reseal-region.ts";
import type { ResealSelection } from "./reseal-selection.ts";

export interface EachDekOptions extends CallOptions {
  /** Parallel segments of the table, and DEKs worked at side by side. */
  readonly segments: number;
}

/** What of the table could not be looked at. */
export interface Unseen {
  /** Selected ids that the Region's table does not have. */
  readonly missing: readonly string[];
  /** DEKs that this version cannot read. */
  readonly malformed: number;
}

/** Comes to every selected DEK of one Region's table, each once; strongly consistent. Ends with the first failure. */
export async function eachSelectedDek(
  selection: ResealSelection,
  { deks }: Pick<ResealRegion, "deks">,
  { segments, signal }: EachDekOptions,
  work: (dek: DekSummary, signal: AbortSignal) => Promise<void>,
): Promise<Unseen> {
  const missing: string[] = [];
  let malformed = 0;

  const named = "deks" in selection ? selection.deks.values() : undefined;
  const lookUp = async (stop: AbortSignal) => {
    for (const dekId of named ?? []) {
      const dek = await deks.getSummary(dekId, { signal: stop });
      if (dek) await work(dek, stop);
      else missing.push(dekId);
    }
  };
  const scan = async (index: number, stop: AbortSignal) => {
    for await (const page of deks.scan({ segment: { index, of: segments }, consistent: true, signal: stop })) {
      malformed += page.malformed.filter(({ item }) => item === "dek").length;
      for (const dek of page.deks) if (isSelected(dek, selection)) await work(dek, stop);
    }
  };
  const lanes = Array.from({ length: segments }, (_, index) => (stop: AbortSignal) => {
    return named ? lookUp(stop) : scan(index, stop);
  });
  await allOrAbort(lanes, signal);
  return { missing, malformed };
}
