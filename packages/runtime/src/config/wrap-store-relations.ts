/** What the settings of a wrap store demand of each other and of the deployment. Trusts no shape: see deployment-relations.ts. */

import type { RelationChecks } from "./relation-checks.ts";
import { WRAP_STORE_KINDS } from "./wrap-stores-schema.ts";
import { at, keysAt, textsAt } from "./written.ts";

type Path = readonly string[];
type Report = RelationChecks["report"];

/** Of the deployment's tables, without the prefix. */
const ownTables = ["deks", "records", "state", "campaigns"];

export function checkWrapStores(written: unknown, checks: RelationChecks): void {
  const stores = at(written, "wrapStores");
  for (const name of keysAt(written, "wrapStores")) {
    const store = at(stores, name);
    const path = ["wrapStores", name];
    const region = at(store, "region");
    checks.listed([...path, "region"], region);
    const keys = textsAt(store, "keys");
    checks.distinct([...path, "keys"], keys);
    for (const [index, key] of keys.entries()) checks.inRegion([...path, "keys", index], key, region);
    if (WRAP_STORE_KINDS.filter((kind) => at(store, kind) !== undefined).length !== 1)
      checks.report(path, `exactly one of ${WRAP_STORE_KINDS.join(", ")}`);

    const table = at(store, "dynamodb");
    const prefix = String(at(written, "prefix"));
    if (ownTables.some((own) => at(table, "table") === `${prefix}-${own}`))
      checks.report([...path, "dynamodb", "table"], "another table than Dekhand's own");
    checks.inRegion([...path, "dynamodb", "keyArn", "constant"], at(at(table, "keyArn"), "constant"), region);
    if (table !== undefined) checkMapping([...path, "dynamodb"], table, checks.report);

    const database = at(store, "postgres");
    checks.inRegion([...path, "postgres", "keyArn"], at(database, "keyArn"), region);
    checkContext([...path, "postgres"], database, "columns", checks.report);
  }
}

/** A swap writes blob and labels: they are neither key nor context, and no two of them are one attribute. */
function checkMapping(path: Path, mapping: unknown, report: Report): void {
  const keyArn = at(mapping, "keyArn");
  if (keyArn !== undefined && ["attribute", "constant"].filter((kind) => at(keyArn, kind) !== undefined).length !== 1)
    report([...path, "keyArn"], "either attribute or constant");
  checkContext(path, mapping, "attributes", report);

  const named = (place: Path) => ({ place, name: place.reduce(at, mapping) });
  const key = [named(["partition", "name"]), named(["sort", "name"])].filter(({ name }) => name !== undefined);
  const context = keysAt(at(mapping, "context"), "attributes").map((one) => named(["context", "attributes", one]));
  const read = new Set([...key, ...context].map(({ name }) => name));
  const labels = keysAt(mapping, "labels").map((label) => named(["labels", label]));
  const swapped = [named(["blob", "attribute"]), named(["keyArn", "attribute"]), ...labels].filter(
    ({ name }) => name !== undefined,
  );
  if (key.length === 2 && key[0]?.name === key[1]?.name)
    report([...path, "sort", "name"], "another attribute than partition's");
  for (const [index, { place, name }] of swapped.entries()) {
    if (read.has(name))
      report([...path, ...place], "an attribute of neither the key nor the context: a swap changes it");
    if (swapped.findIndex((other) => other.name === name) < index)
      report([...path, ...place], "an attribute that holds nothing else");
  }
}

function checkContext(path: Path, kind: unknown, source: "attributes" | "columns", report: Report): void {
  const context = at(kind, "context");
  const sources = keysAt(context, source);
  for (const key of keysAt(context, "constants")) {
    if (sources.includes(key)) report([...path, "context", "constants", key], `no context key that ${source} has, too`);
  }
}
