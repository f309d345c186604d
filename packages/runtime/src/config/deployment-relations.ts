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
import { parseDecimal } from "./units.ts";

export function checkRelations(written: unknown, context: z.core.$RefinementCtx): void {
  const report = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: "custom", path, message });
  };
  const regions = textsAt(written, "regions");
  const listed = (path: (string | number)[], region: unknown): void => {
    if (typeof region === "string" && regions.length > 0 && !regions.includes(region))
      report(path, "one of the Regions listed in regions");
  };
  const distinct = (path: (string | number)[], list: readonly string[]): void => {
    for (const [index, item] of list.entries()) {
      if (item !== "" && list.indexOf(item) < index) report([...path, index], "every entry once only");
    }
  };
  const inRegion = (path: (string | number)[], key: unknown, region: unknown): void => {
    const found = typeof key === "string" ? keyReferenceRegion(key) : undefined;
    if (found !== undefined && typeof region === "string" && found !== region)
      report(path, `a key of the Region ${region}`);
  };

  distinct(["regions"], regions);
  const control = at(written, "control");
  if (control === undefined && regions.length > 1)
    report(["control"], "the Region that is authoritative, because regions lists several");
  listed(["control"], control);
  for (const region of keysAt(written, "endpoints")) listed(["endpoints", region], region);

  const transit = at(written, "transit");
  listed(["transit", "region"], at(transit, "region"));
  inRegion(["transit", "key"], at(transit, "key"), at(transit, "region") ?? control ?? regions[0]);

  const profiles = at(written, "profiles");
  for (const name of keysAt(written, "profiles")) {
    const profile = at(profiles, name);
    const path = ["profiles", name];
    const home = at(profile, "home");
    const key = at(profile, "key");
    listed([...path, "home"], home);
    inRegion([...path, "key"], key, home);
    const retiring = textsAt(profile, "retiring");
    distinct([...path, "retiring"], retiring);
    for (const [index, old] of retiring.entries()) {
      inRegion([...path, "retiring", index], old, home);
      if (old === key) report([...path, "retiring", index], "another key than the profile's current one");
    }
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
  const nameOf = (kind: string) => at(queues, kind) ?? `${String(at(written, "prefix"))}-${kind}`;
  if (nameOf("encrypt") === nameOf("rewrap"))
    report(["queues", "rewrap"], "another queue than queues.encrypt: each takes jobs of its own kind only");

  const quota = at(written, "quota");
  for (const region of keysAt(quota, "regions")) listed(["quota", "regions", region], region);
  if (at(quota, "share") !== undefined && at(quota, "callsPerSecond") !== undefined)
    report(["quota", "callsPerSecond"], "nothing here when share is given, and the other way round");
  const reserve = fractionOf(at(quota, "reserve") ?? DEFAULT_RESERVE);
  const campaign = fractionOf(at(quota, "campaign"));
  // 1 - 0.9 is less than 0.1 to a computer.
  if (reserve !== undefined && campaign !== undefined && campaign > 1 - reserve + 1e-9)
    report(["quota", "campaign"], "at most what reserve leaves of the share: 1 - reserve");
}

/** Undefined for what is no number between 0 and 1. */
function fractionOf(value: unknown): number | undefined {
  const number = typeof value === "string" ? parseDecimal(value) : value;
  return typeof number === "number" && number >= 0 && number <= 1 ? number : undefined;
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function keysAt(value: unknown, key: string): string[] {
  const map = at(value, key);
  return typeof map === "object" && map !== null && !Array.isArray(map) ? Object.keys(map) : [];
}

/** The entries of a list at their own places; what is no text stands as an empty one. */
function textsAt(value: unknown, key: string): string[] {
  const list = at(value, key);
  return Array.isArray(list) ? list.map((item) => (typeof item === "string" ? item : "")) : [];
}
