/**
 * Which DEKs of a pass have been looked at, and how they stand: the records of a
 * page lie under as many DEKs as it has records, and each DEK is asked about once.
 */

import type { CallOptions } from "@dekhand/store";
import { arrivedDeks, type DekStanding, type InspectOptions, inspectDeks } from "./inspect-deks.ts";
import type { PassRun } from "./pass-run.ts";

export interface DekBook {
  /** Looks at all of them, and remembers. */
  inspect(dekIds: readonly string[], options: InspectOptions): Promise<ReadonlyMap<string, DekStanding>>;
  /** Looks at those that are not remembered, and again at those that were awaited. Has an entry for every id. */
  standings(dekIds: readonly string[], options: InspectOptions): Promise<ReadonlyMap<string, DekStanding>>;
  /** Those of the ids that this has not been asked about before. */
  unseen(dekIds: readonly string[]): readonly string[];
}

/** Some 100 bytes each. */
const maxRemembered = 200_000;

export function createDekBook(run: PassRun): DekBook {
  const known = new Map<string, DekStanding>();
  const seen = new Set<string>();

  /** Of a DEK that has come meanwhile, all records would count as missing that came with it. */
  const lookAgain = async (dekIds: readonly string[], { signal }: CallOptions) => {
    const awaited = dekIds.filter((dekId) => known.get(dekId)?.isAwaited);
    if (awaited.length === 0) return;
    for (const dekId of await arrivedDeks(run, awaited, { signal })) {
      const { profile } = known.get(dekId) ?? {};
      if (profile) known.set(dekId, { profile, arrived: true });
    }
  };

  const book: DekBook = {
    async inspect(dekIds, options) {
      const found = await inspectDeks(run, dekIds, options);
      for (const [dekId, standing] of found) known.set(dekId, standing);
      for (const oldest of known.keys()) {
        if (known.size <= maxRemembered) break;
        known.delete(oldest);
      }
      return found;
    },
    async standings(dekIds, options) {
      const wanted = [...new Set(dekIds)];
      await lookAgain(wanted, options);
      const remembered = new Map(wanted.flatMap((id) => (known.has(id) ? [[id, known.get(id)] as const] : [])));
      const fresh = await book.inspect(
        wanted.filter((id) => !remembered.has(id)),
        // The sweep of DEKs has drawn its sample.
        { ...options, sampled: false },
      );
      return new Map(wanted.map((id) => [id, remembered.get(id) ?? fresh.get(id) ?? { arrived: false }]));
    },
    unseen(dekIds) {
      const fresh = dekIds.filter((dekId) => !seen.has(dekId));
      for (const dekId of fresh) seen.add(dekId);
      return fresh;
    },
  };
  return book;
}
