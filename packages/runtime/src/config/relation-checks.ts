import type { z } from "zod";
import { keyReferenceRegion } from "./key-reference.ts";
import { textsAt } from "./written.ts";

type Path = readonly (string | number)[];

/** The demands that settings of many kinds make. Each reports a problem at a path where it is not met. */
export interface RelationChecks {
  report(path: Path, expected: string): void;
  /** A Region that is one of the deployment's. */
  listed(path: Path, region: unknown): void;
  distinct(path: Path, list: readonly string[]): void;
  /** A KMS key that is not of another Region. */
  inRegion(path: Path, key: unknown, region: unknown): void;
}

/** Nothing here trusts the shape of what it looks at: what has the wrong one is left to the schema's own message. */
export function createRelationChecks(written: unknown, context: z.core.$RefinementCtx): RelationChecks {
  const regions = textsAt(written, "regions");
  const report = (path: Path, message: string): void => {
    context.addIssue({ code: "custom", path: [...path], message });
  };
  return {
    report,
    listed(path, region) {
      if (typeof region === "string" && regions.length > 0 && !regions.includes(region))
        report(path, "one of the Regions listed in regions");
    },
    distinct(path, list) {
      for (const [index, item] of list.entries()) {
        if (item !== "" && list.indexOf(item) < index) report([...path, index], "every entry once only");
      }
    },
    inRegion(path, key, region) {
      const found = typeof key === "string" ? keyReferenceRegion(key) : undefined;
      if (found !== undefined && typeof region === "string" && found !== region)
        report(path, `a key of the Region ${region}`);
    },
  };
}
