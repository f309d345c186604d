/**
 * The order of test files: those that take minutes are begun first, and the one
 * that measures how fast records are taken in comes last, when the others are done.
 */

import { BaseSequencer, type TestSpecification } from "vitest/node";

const first = ["test/campaign-foreign.test.ts", "test/chaos-campaign.test.ts"];
const last = ["test/chaos-recovery.test.ts"];

export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [-1, 0, 1].flatMap((place) => sorted.filter(({ moduleId }) => placeOf(moduleId) === place));
  }
}

function placeOf(file: string): number {
  const isOneOf = (names: readonly string[]) => names.some((name) => file.endsWith(`/${name}`));
  if (isOneOf(first)) return -1;
  return isOneOf(last) ? 1 : 0;
}
