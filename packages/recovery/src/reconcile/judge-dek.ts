/** What is wrong with one DEK and its wraps in a home and a replica Region, as far as the tables tell. */

import { isDeepStrictEqual } from "node:util";
import { ownKmsContext, relatedKeyArn } from "@dekhand/deks";
import type { Profile } from "@dekhand/runtime";
import type { CallOptions, DekFound, StoredDek, StoredWrap } from "@dekhand/store";
import type { FindingClass } from "./findings.ts";
import type { ReconcileDeps, ReconcileScope } from "./reconcile-types.ts";

export interface DekFault {
  readonly class: FindingClass;
  readonly at: "home" | "target";
  /**
   * - `owe`: the replicator brings it.
   * - `repair`: it is to be replaced.
   * - `settle`: it is to be found out which of the two is right.
   */
  readonly remedy: "owe" | "repair" | "settle";
  /** The wrap that is to be replaced. */
  readonly condemned?: StoredWrap;
}

export interface DekPair {
  readonly dekId: string;
  readonly home: DekFound;
  readonly target: DekFound;
}

/**
 * Throws what looking up keys fails with, and the signal's reason. Wraps whose damage shows only to KMS are not among the
 * faults; `doubtful` says that both are to be proven: one of them is newer, or damaged.
 */
export async function judgeDek(
  { dekId, home, target }: DekPair,
  profile: Profile,
  { scope, keys, signal }: { readonly scope: ReconcileScope } & Pick<ReconcileDeps, "keys"> & CallOptions,
): Promise<{ readonly faults: readonly DekFault[]; readonly doubtful: boolean }> {
  const faults = [...judgeItems(home, target)];
  // What a wrap is to fit is known once that is settled.
  if (faults.some(({ remedy }) => remedy === "settle")) return { faults, doubtful: false };
  const dek = home.dek ?? target.dek;
  const allows = (wrap: StoredWrap, region: string) => keys.allows(profile.name, wrap.keyArn, { region, signal });
  const isBound = (wrap: StoredWrap) =>
    dek === undefined || ownKmsContext(dekId, profile.name, { dek: dek.context, wrap: wrap.context }) !== undefined;

  const own = home.wrap;
  const isOwnSound = own !== undefined && isBound(own) && (await allows(own, scope.home));
  if (!own) faults.push({ class: unreadableOr("wrap", home, "missing"), at: "home", remedy: "repair" });
  else if (!isOwnSound) faults.push({ class: "wrap-damaged", at: "home", remedy: "repair", condemned: own });

  const there = target.wrap;
  if (!there) {
    const kind = unreadableOr("wrap", target, "missing");
    faults.push({ class: kind, at: "target", remedy: kind === "wrap-damaged" ? "repair" : "owe" });
    return { faults, doubtful: false };
  }
  const isThereSound = isBound(there) && (await allows(there, scope.region));
  if (!isThereSound) {
    const kind = isBound(there) ? "wrap-stale" : "wrap-damaged";
    faults.push({ class: kind, at: "target", remedy: "repair", condemned: there });
  }
  const isCopy = profile.replicas[scope.region]?.strategy === "multi-region";
  return { faults, doubtful: isCopy && isOwnSound && isThereSound && !isCopyOf(own, there) };
}

/** Whether a related key's Region has home's wrap as it is. */
export function isCopyOf(own: StoredWrap, there: StoredWrap): boolean {
  return relatedKeyArn(own.keyArn, there.region) === there.keyArn && Buffer.compare(own.blob, there.blob) === 0;
}

function judgeItems(home: DekFound, target: DekFound): readonly DekFault[] {
  if (!home.dek) return [{ class: unreadableOr("dek", home, "missing"), at: "home", remedy: "repair" }];
  if (!target.dek) {
    const kind = unreadableOr("dek", target, "missing");
    return [{ class: kind, at: "target", remedy: kind === "dek-damaged" ? "repair" : "owe" }];
  }
  if (!isDeepStrictEqual(identity(home.dek), identity(target.dek))) {
    return [{ class: "dek-differs", at: "target", remedy: "settle" }];
  }
  return isBehind(target.dek, home.dek) ? [{ class: "dek-stale", at: "target", remedy: "owe" }] : [];
}

/** What never changes of a DEK. */
function identity({ status: _, statusAt: __, ...dek }: StoredDek) {
  return { ...dek, commitment: Buffer.from(dek.commitment).toString("hex") };
}

/** A status goes forward only: what a later one is, putDekCopy knows. */
function isBehind(there: StoredDek, own: StoredDek): boolean {
  return there.status !== own.status && (there.statusAt ?? "") < (own.statusAt ?? "");
}

function unreadableOr(part: "dek" | "wrap", { unreadable }: DekFound, otherwise: "missing"): FindingClass {
  return unreadable.includes(part) ? `${part}-damaged` : `${part}-${otherwise}`;
}
