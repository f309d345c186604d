import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { readItem } from "../items/item-reader.ts";
import { integer, text } from "../items/write-values.ts";
import { actAttributes, cut, readAct } from "./campaign-items.ts";
import type { CampaignItem } from "./campaign-keys.ts";
import { type CampaignFailure, FAILURE_STATES, type FailureReport } from "./failure-types.ts";

const maxMessageLength = 500;

/** A failure as stored. `rev` counts the changes of the item, for their conditions. */
export interface StoredFailure {
  readonly failure: CampaignFailure;
  readonly rev: number;
}

/** What the report makes of what is there. One that an operator skipped stays skipped. */
export function reported(report: FailureReport, before: CampaignFailure | undefined): CampaignFailure {
  const { store, region, id, at, code } = report;
  const said = { store, region, id, class: report.class, code, message: cut(report.message, maxMessageLength), at };
  if (!before) return { ...said, state: "open", attempts: 1, firstAt: at };
  const { firstAt, attempts, skipped } = before;
  const state = before.state === "skipped" ? "skipped" : "open";
  return { ...said, state, attempts: attempts + 1, firstAt, ...(skipped === undefined ? {} : { skipped }) };
}

export function failureAttributes({ failure, rev }: StoredFailure): Readonly<Record<string, AttributeValue>> {
  return {
    store: text(failure.store),
    region: text(failure.region),
    id: text(failure.id),
    class: text(failure.class),
    code: text(failure.code),
    message: text(failure.message),
    at: text(failure.at),
    state: text(failure.state),
    attempts: integer(failure.attempts),
    firstAt: text(failure.firstAt),
    rev: integer(rev),
    ...(failure.skipped === undefined ? {} : { skipped: { M: actAttributes(failure.skipped) } }),
  };
}

export function readFailure(item: CampaignItem): StoredFailure {
  const key = { table: "campaigns", campaignId: item.campaignId?.S ?? "", item: item.item?.S ?? "" };
  const reader = readItem(item, key);
  const skipped = item.skipped?.M;
  const failure: CampaignFailure = {
    store: reader.text("store"),
    region: reader.text("region"),
    id: reader.text("id"),
    class: reader.text("class"),
    code: reader.text("code"),
    message: reader.text("message"),
    at: reader.text("at"),
    state: reader.choice("state", FAILURE_STATES),
    attempts: reader.integer("attempts", 1),
    firstAt: reader.text("firstAt"),
    ...(skipped === undefined ? {} : { skipped: readAct(readItem(skipped, key)) }),
  };
  return { failure, rev: reader.integer("rev", 1) };
}
