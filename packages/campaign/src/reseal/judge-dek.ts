/** Whether a reseal concerns a DEK. The DEK's own item says how old it is and whose. */

import type { CallOptions, DekStore, DekSummary } from "@dekhand/store";
import type { ResealSelection } from "./reseal-selection.ts";

/**
 * - `selected`: with what it says of itself.
 * - `other`: not the reseal's affair.
 * - `unknown`: it may be, but this Region's table has no such DEK.
 */
export type JudgedDek =
  | { readonly kind: "selected"; readonly dek: DekSummary }
  | { readonly kind: "other" | "unknown" };

/** Throws StoreErrors, and the signal's reason. */
export type JudgeDek = (dekId: string, options?: CallOptions) => Promise<JudgedDek>;

/** DEKs remembered, so that a DEK of a thousand records is looked up once. */
const defaultMax = 10_000;

/** For as long as the campaign's selection is worked at: what it looks at never changes. */
export function createJudgeDek(
  selection: ResealSelection,
  store: Pick<DekStore, "getSummary">,
  { max = defaultMax }: { readonly max?: number } = {},
): JudgeDek {
  const named = "deks" in selection ? new Set(selection.deks) : undefined;
  const known = new Map<string, Promise<DekSummary | undefined>>();

  const lookUp = (dekId: string, options: CallOptions): Promise<DekSummary | undefined> => {
    const found = known.get(dekId);
    if (found) return found;
    const asked = store.getSummary(dekId, options);
    known.set(dekId, asked);
    const [eldest] = known.keys();
    if (known.size > max && eldest !== undefined) known.delete(eldest);
    // One that could not be read, or is not there, is asked for again.
    const forget = () => known.delete(dekId);
    asked.then((dek) => dek ?? forget(), forget);
    return asked;
  };

  return async (dekId, options = {}) => {
    if (named && !named.has(dekId)) return { kind: "other" };
    const dek = await lookUp(dekId, options);
    if (!dek) return { kind: "unknown" };
    return isSelected(dek, selection) ? { kind: "selected", dek } : { kind: "other" };
  };
}

export function isSelected(dek: DekSummary, selection: ResealSelection): boolean {
  if ("deks" in selection) return selection.deks.includes(dek.dekId);
  return dek.profile === selection.profile && Date.parse(dek.createdAt) < Date.parse(selection.createdBefore);
}
