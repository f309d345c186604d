/**
 * What settings of a deployment demand of each other.
 *
 * Runs on whatever could be read, also when parts of the document are wrong:
 * so nothing here trusts the shape of what it looks at, and what has the wrong
 * shape is left to the schema's own message.
 */
import type { z } from "zod";
import { keyReferenceRegion } from "./key-reference.ts";
import { DEFAULT_RESERVE } from "./quota-schema.ts";
import { createRelationChecks } from "./relation-checks.ts";
import { checkReplicas, type ReplicaChecks } from "./replica-relations.ts";
import { parseDecimal } from "./units.ts";
import { checkWrapStores } from "./wrap-store-relations.ts";
import { at, keysAt, textsAt } from "./written.ts";

export function checkRelations(written: unknown, context: z.core.$RefinementCtx): void {
  const checks = createRelationChecks(written, context);
  const { report, listed, distinct, inRegion } = checks;
  const regions = textsAt(written, "regions");

  distinct(["regions"], regions);
  const control = at(written, "control");
  if (control === undefined && regions.length > 1)
    report(["control"], "the Region that is authoritative, because regions lists several");
  listed(["control"], control);
  for (const region of keysAt(written, "endpoints")) listed(["endpoints", region], region);

  const retired: ReplicaChecks["retired"] = (path, owner, { key, region }) => {
    const retiring = textsAt(owner, "retiring");
    distinct([...path, "retiring"], retiring);
    for (const [index, old] of retiring.entries()) {
      inRegion([...path, "retiring", index], old, region);
      if (old === at(owner, "key")) report([...path, "retiring", index], `another key than ${key}`);
    }
  };

  const transit = at(written, "transit");
  const transitKey = at(transit, "key");
  const keysOwn = typeof transitKey === "string" ? keyReferenceRegion(transitKey) : undefined;
  const transitRegion = at(transit, "region") ?? keysOwn ?? control ?? regions[0];
  listed(["transit", "region"], at(transit, "region"));
  if (at(transit, "region") === undefined) listed(["transit", "key"], keysOwn);
  inRegion(["transit", "key"], transitKey, transitRegion);
  retired(["transit"], transit, { key: "transit.key", region: transitRegion });

  const profiles = at(written, "profiles");
  for (const name of keysAt(written, "profiles")) {
    const profile = at(profiles, name);
    const path = ["profiles", name];
    const home = at(profile, "home");
    listed([...path, "home"], home);
    inRegion([...path, "key"], at(profile, "key"), home);
    retired(path, profile, { key: "the profile's current one", region: home });
    checkReplicas(path, profile, { ...checks, retired });
    const required = textsAt(profile, "required");
    const dekScope = textsAt(profile, "dekScope");
    distinct([...path, "required"], required);
    distinct([...path, "dekScope"], dekScope);
    for (const [index, scope] of dekScope.entries()) {
      if (scope !== "" && !required.includes(scope))
        report([...path, "dekScope", index], "a context key that is also listed in required");
    }
  }

  const queues = at(written, "queues");
  const nameOf = (kind: string): string => {
    const named = at(queues, kind);
    return typeof named === "string" ? named : `${String(at(written, "prefix"))}-${kind}`;
  };
  if (nameOf("encrypt") === nameOf("rewrap"))
    report(["queues", "rewrap"], "another queue than queues.encrypt: each takes jobs of its own kind only");
  for (const kind of ["encrypt", "rewrap"]) {
    if (regions.some((region) => nameOf(kind) === `${nameOf("replicate")}-${region}`))
      report(["queues", "replicate"], `a name that with no Region behind it is that of queues.${kind}`);
  }
  const events = at(queues, "events");
  if (events === nameOf("encrypt") || events === nameOf("rewrap"))
    report(["queues", "events"], "a queue of its own: it takes no jobs");

  const quota = at(written, "quota");
  for (const region of keysAt(quota, "regions")) listed(["quota", "regions", region], region);
  if (at(quota, "share") !== undefined && at(quota, "callsPerSecond") !== undefined)
    report(["quota", "callsPerSecond"], "nothing here when share is given, and the other way round");
  const reserve = fractionOf(at(quota, "reserve") ?? DEFAULT_RESERVE);
  const campaign = fractionOf(at(quota, "campaign"));
  // 1 - 0.9 is less than 0.1 to a computer.
  if (reserve !== undefined && campaign !== undefined && campaign > 1 - reserve + 1e-9)
    report(["quota", "campaign"], "at most what reserve leaves of the share: 1 - reserve");

  checkWrapStores(written, checks);
}

/** Undefined for what is no number between 0 and 1. */
function fractionOf(value: unknown): number | undefined {
  const number = typeof value === "string" ? parseDecimal(value) : value;
  return typeof number === "number" && number >= 0 && number <= 1 ? number : undefined;
}
