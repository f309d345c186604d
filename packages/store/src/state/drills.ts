/** What drills found: one item a drill, under its Region, in the order of their ids. */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { integer, text } from "../items/write-values.ts";
import type { DrillFailure, DrillResult, DrillStore } from "./drill-types.ts";
import { requireEntryId, requireRegionName } from "./entry-id.ts";
import { listPages } from "./list-pages.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

const maxFailures = 20;

export function createDrills(table: StateTable): DrillStore {
  return {
    putDrill: async (result, options = {}) => table.put(drillItem(result), options),
    async lastDrill(region, options = {}) {
      const { items } = await table.page(drillKind(region), { ...options, limit: 1, descending: true });
      const [item] = items;
      return item && readDrill(item, region);
    },
    async listDrills(region, options = {}) {
      const read = (item: StateItem) => readDrill(item, region);
      return listPages(table, { kinds: [drillKind(region)], read, descending: true }, options);
    },
  };
}

function drillKind(region: string): string {
  return `drill#${requireRegionName(region)}`;
}

function drillItem({ id, region, failures, sample, ...drill }: DrillResult): StateItem {
  return {
    ...stateKey(drillKind(region), requireEntryId(id)),
    startedAt: text(drill.startedAt),
    endedAt: text(drill.endedAt),
    asked: integer(drill.asked),
    opened: integer(drill.opened),
    failed: integer(drill.failed),
    failures: { L: failures.slice(0, maxFailures).map(failureValue) },
    ...(sample === "all" ? {} : { sample: integer(sample) }),
    actor: text(drill.actor),
  };
}

function readDrill(item: StateItem, region: string): DrillResult {
  const reader = open(item);
  const failures = item.failures?.L?.map(readFailure) ?? [undefined];
  return {
    id: reader.text("id"),
    region,
    startedAt: reader.text("startedAt"),
    endedAt: reader.text("endedAt"),
    asked: reader.integer("asked"),
    opened: reader.integer("opened"),
    failed: reader.integer("failed"),
    failures: failures.map((failure) => {
      if (failure === undefined) throw reader.malformed("failures");
      return failure;
    }),
    sample: reader.optionalInteger("sample") ?? "all",
    actor: reader.text("actor"),
  };
}

function failureValue({ recordId, code }: DrillFailure): AttributeValue {
  return { M: { code: text(code), ...(recordId === undefined ? {} : { recordId: text(recordId) }) } };
}

function readFailure({ M: members }: AttributeValue): DrillFailure | undefined {
  const code = members?.code?.S;
  const recordId = members?.recordId?.S;
  if (code === undefined) return undefined;
  return { code, ...(recordId === undefined ? {} : { recordId }) };
}
