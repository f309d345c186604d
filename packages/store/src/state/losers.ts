/** Records that lost when two homes' writes were brought together. Listed for people; nothing is decided by it. */

import { requireKeyText } from "../items/keys.ts";
import { integer, text } from "../items/write-values.ts";
import { listPages, type PagedList } from "./list-pages.ts";
import type { Loser, LoserStore } from "./loser-types.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

const loserKind = "loser";
const losers: PagedList<Loser> = { kinds: [loserKind], read: readLoser };

export function createLosers(table: StateTable): LoserStore {
  return {
    async putLoser(loser, options = {}) {
      // One that is there already says the same, but for the time.
      await table.insert(loserItem(loser), options);
    },
    listLosers: async (options = {}) => listPages(table, losers, options),
  };
}

/** A seal id has no `#`, so no two losers have one id. */
function loserItem({ recordId, region, epoch, revision, sealId, dekId, at }: Loser): StateItem {
  return {
    ...stateKey(loserKind, `${recordId}#${requireKeyText("a seal id", sealId, 96)}`),
    recordId: text(recordId),
    region: text(region),
    epoch: integer(epoch),
    sealId: text(sealId),
    dekId: text(dekId),
    at: text(at),
    ...(revision === undefined ? {} : { revision: integer(revision) }),
  };
}

function readLoser(item: StateItem): Loser {
  const reader = open(item);
  const revision = reader.optionalInteger("revision");
  return {
    recordId: reader.text("recordId"),
    region: reader.text("region"),
    epoch: reader.integer("epoch"),
    ...(revision === undefined ? {} : { revision }),
    sealId: reader.text("sealId"),
    dekId: reader.text("dekId"),
    at: reader.text("at"),
  };
}
