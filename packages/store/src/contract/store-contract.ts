import { describeCampaignStore } from "./campaign-store-contract.ts";
import type { ContractSetup } from "./contract-subject.ts";
import { describeDekStore } from "./dek-store-contract.ts";
import { describeRecordProperties } from "./record-properties-contract.ts";
import { describeRecordReading } from "./record-reading-contract.ts";
import { describeRecordStore } from "./record-store-contract.ts";
import { describeStateStore } from "./state-store-contract.ts";
import { describeTables } from "./tables-contract.ts";
import { describeConditionalWriter } from "./writer-contract.ts";

/** Everything that Dekhand expects of a DynamoDB endpoint and of one way to write to it. */
export function describeStore(setup: ContractSetup): void {
  describeConditionalWriter(setup);
  describeTables(setup);
  describeDekStore(setup);
  describeRecordStore(setup);
  describeRecordProperties(setup);
  describeRecordReading(setup);
  describeStateStore(setup);
  describeCampaignStore(setup);
}
