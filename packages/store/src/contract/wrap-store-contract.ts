import { describeWrapReading } from "./wrap-reading-contract.ts";
import type { WrapStoreSetup } from "./wrap-subject.ts";
import { describeWrapSwapping } from "./wrap-swapping-contract.ts";

/** Everything that campaign, census and verification expect of a place that holds wraps. */
export function describeWrapStore(setup: WrapStoreSetup): void {
  describeWrapReading(setup);
  describeWrapSwapping(setup);
}
