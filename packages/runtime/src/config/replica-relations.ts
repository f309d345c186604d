/** What the settings of a profile's replica Regions demand of each other and of the profile. Trusts no shape: see deployment-relations.ts. */

import { keyIdOf } from "./key-reference.ts";
import type { RelationChecks } from "./relation-checks.ts";
import { at, keysAt } from "./written.ts";

type Path = readonly string[];

export interface ReplicaChecks extends RelationChecks {
  /** Keys besides the current one, which messages call `key`. */
  retired(path: Path, owner: unknown, names: { readonly key: string; readonly region: unknown }): void;
}

export function checkReplicas(path: Path, profile: unknown, checks: ReplicaChecks): void {
  const home = at(profile, "home");
  for (const region of keysAt(profile, "replicas")) {
    const replica = at(at(profile, "replicas"), region);
    const place = [...path, "replicas", region];
    if (region === home) checks.report(place, "another Region than the profile's home");
    else checks.listed(place, region);
    checks.inRegion([...place, "key"], at(replica, "key"), region);
    checks.retired(place, replica, { key: "the Region's current one", region });
    checkStrategy(place, replica, at(profile, "key"), checks);
  }
}

/** An alias may stand for any key: what it stands for is checked where it is looked up. */
function checkStrategy(place: Path, replica: unknown, homeKey: unknown, { report }: ReplicaChecks): void {
  const strategy = at(replica, "strategy");
  const bridge = at(replica, "bridge");
  if (strategy === "bridge" && bridge === undefined)
    report([...place, "bridge"], "a multi-Region key that is in both Regions, because strategy is bridge");
  if (strategy !== "bridge" && bridge !== undefined)
    report([...place, "bridge"], "nothing here unless strategy is bridge");
  if (strategy !== "multi-region") return;
  const ids = [homeKey, at(replica, "key")].map(keyIdOf).filter((id) => id !== undefined);
  if (ids.some((id) => !id.startsWith("mrk-")) || (ids.length === 2 && ids[0] !== ids[1]))
    report(
      [...place, "key"],
      "a multi-Region key that is related to the profile's key, because strategy is multi-region",
    );
}
