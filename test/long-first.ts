/** Files that take minutes are begun first: begun last, they would have the end of the run to themselves. */

import { BaseSequencer, type TestSpecification } from "vitest/node";

const long = ["test/campaign-foreign.test.ts", "test/chaos-campaign.test.ts", "test/chaos-recovery.test.ts"];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.some((name) => moduleId.endsWith(`/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
