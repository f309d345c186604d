/** The items of a DEK in Dekhand's `deks` table, as they stand in DynamoDB's JSON. */

import { randomBytes } from "node:crypto";
import { profile, region } from "./settings.ts";

export interface WireValue {
  readonly S?: string;
  readonly N?: string;
  /** Base64. */
  readonly B?: string;
  readonly M?: Readonly<Record<string, WireValue>>;
}
export type WireItem = Readonly<Record<string, WireValue>>;

export const wrapItemName = `wrap#${region}`;

/** A few hundred tenants, as the DEKs of an application have. */
export function kmsContextOf(dekId: string, at: number): Readonly<Record<string, string>> {
  const tenant = `tenant-${String(at % 300).padStart(4, "0")}`;
  return { tenant, "dekhand:dek": dekId, "dekhand:profile": profile };
}

export interface WireWrap {
  readonly keyArn: string;
  /** Base64. */
  readonly blob: string;
  readonly material: string;
  readonly context: Readonly<Record<string, string>>;
}

export function itemsOfDek(
  dekId: string,
  { keyArn, blob, material, context }: WireWrap,
): readonly [WireItem, WireItem] {
  const contextMap = { M: Object.fromEntries(Object.entries(context).map(([name, value]) => [name, { S: value }])) };
  const dek: WireItem = {
    dekId: { S: dekId },
    item: { S: "dek" },
    profile: { S: profile },
    suite: { N: "1" },
    commitment: { B: randomBytes(32).toString("base64") },
    context: contextMap,
    home: { S: region },
    createdAt: { S: bornAt },
    status: { S: "active" },
  };
  const wrap: WireItem = {
    dekId: { S: dekId },
    item: { S: wrapItemName },
    keyArn: { S: keyArn },
    material: { S: material },
    blob: { B: blob },
    context: contextMap,
    wrappedAt: { S: bornAt },
  };
  return [dek, wrap];
}

const bornAt = "2026-01-01T00:00:00.000Z";
