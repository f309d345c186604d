import { describeCampaignStore } from "./campaign-store-contract.ts";
import type { ContractSetup } from "./contract-subject.ts";
import { describeDebt } from "./debt-contract.ts";
import { describeDekCopies } from "./dek-copy-contract.ts";
import { describeDekStatus } from "./dek-status-contract.ts";
import { describeDekStore } from "./dek-store-contract.ts";
import { describeHeadScan } from "./head-scan-contract.ts";
import { describeKeptRecords } from "./kept-records-contract.ts";
import { describeLeftKeys } from "./left-keys-contract.ts";
import { describeOldParts } from "./old-parts-contract.ts";
import { describeRecordCopies } from "./record-copy-contract.ts";
import { describeRecordProperties } from "./record-properties-contract.ts";
import { describeRecordReading } from "./record-reading-contract.ts";
import { describeRecordResealing } from "./record-resealing-contract.ts";
import { describeRecordStore } from "./record-store-contract.ts";
import { describeRecoveryState } from "./recovery-state-contract.ts";
import { describeRetirements } from "./retirement-contract.ts";
import { describeStateStore } from "./state-store-contract.ts";
import { describeTables } from "./tables-contract.ts";
import { describeWrapCopies } from "./wrap-copy-contract.ts";
import { describeConditionalWriter } from "./writer-contract.ts";

/** Everything that Dekhand expects of a DynamoDB endpoint and of one way to write to it. */
export function describeStore(setup: ContractSetup): void {
  describeConditionalWriter(setup);
  describeTables(setup);
  describeDekStore(setup);
  describeDekStatus(setup);
  describeDekCopies(setup);
  describeWrapCopies(setup);
  describeRecordStore(setup);
  describeRecordProperties(setup);
  describeRecordReading(setup);
  describeHeadScan(setup);
  describeRecordResealing(setup);
  describeRecordCopies(setup);
  describeKeptRecords(setup);
  describeOldParts(setup);
  describeStateStore(setup);
  describeLeftKeys(setup);
  describeRetirements(setup);
  describeDebt(setup);
  describeRecoveryState(setup);
  describeCampaignStore(setup);
}
