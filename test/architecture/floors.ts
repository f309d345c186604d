/** Who stands on whom. An import may only go to a lower floor; this is the one place where the floors are listed. */

/** Lowest first. One package a floor: neighbours would have to know of each other. */
export const packageFloors = [
  "errors",
  "envelope",
  "runtime",
  "aws",
  "kms",
  "store",
  "deks",
  "jobs",
  "campaign",
  "worker",
  "recovery",
  "client",
] as const;

/** They stand beside the others, on `errors` alone. Only the command line and tests may lean on them. */
export const besidePackages = ["local-aws", "local-redis", "testing"] as const;

/** They stand on all packages and do not know each other. */
export const services = ["encryptor", "rewrapper", "replicator", "control"] as const;

/** It may start all services in one process. */
export const topService = "cli";

/** What crosses packages, and what builds and benchmarks them. */
const testWorkspace = "test";

const anyPackage: readonly string[] = packageFloors;
const beside: readonly string[] = besidePackages;
const anyService: readonly string[] = services;

/** The Dekhand packages that one of them may import, in its own code or in its tests. */
export function mayImport(name: string, where: "code" | "tests"): ReadonlySet<string> {
  if (name === testWorkspace) return new Set([...anyPackage, ...beside, ...anyService, topService]);
  const forTests = where === "tests" ? beside.filter((other) => other !== name) : [];
  if (name === topService) {
    const product = beside.filter((other) => other !== "testing");
    return new Set([...anyPackage, ...anyService, ...product, ...forTests]);
  }
  if (anyService.includes(name)) return new Set([...anyPackage, ...forTests]);
  if (beside.includes(name)) return new Set(["errors", ...forTests]);
  const floor = anyPackage.indexOf(name);
  if (floor === -1) throw new Error(`${name} has no floor: give it one in test/architecture/floors.ts`);
  return new Set([...anyPackage.slice(0, floor), ...forTests]);
}
