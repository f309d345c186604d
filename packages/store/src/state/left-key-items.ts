import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { integer, map, text } from "../items/write-values.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";

export const leftKind = "left";

/** What campaigns have done to one key. Kept for those that returned, too, so that a zombie of theirs changes nothing. */
export interface KeyMarks {
  readonly keyArn: string;
  /** Counts the writes; 0 where nothing is stored. */
  readonly version: number;
  /** By campaign id. */
  readonly campaigns: ReadonlyMap<string, KeyMark>;
}

export interface KeyMark {
  readonly state: "left" | "returned";
  /** ISO 8601. */
  readonly at: string;
}

/** Every birth reads the item: of campaigns that returned, only the newest are kept in it. */
const maxReturned = 20;

export function leftKeyItem({ keyArn, version, campaigns }: KeyMarks): StateItem {
  const returned = [...campaigns].filter(([, { state }]) => state === "returned");
  returned.sort(([, one], [, other]) => (one.at < other.at ? 1 : -1));
  const forgotten = new Set(returned.slice(maxReturned).map(([id]) => id));
  const kept = [...campaigns].filter(([id]) => !forgotten.has(id));
  return {
    ...stateKey(leftKind, keyArn),
    version: integer(version),
    campaigns: map(Object.fromEntries(kept), markValue),
  };
}

export function readLeftKey(item: StateItem): KeyMarks {
  const reader = open(item);
  return {
    keyArn: reader.text("id"),
    version: reader.integer("version", 1),
    campaigns: new Map(Object.entries(reader.map("campaigns", markOf))),
  };
}

const markValue = ({ state, at }: KeyMark): AttributeValue => ({ M: { state: text(state), at: text(at) } });

function markOf({ M: members }: AttributeValue): KeyMark | undefined {
  const state = members?.state?.S;
  const at = members?.at?.S;
  if (at === undefined || (state !== "left" && state !== "returned")) return undefined;
  return { state, at };
}
