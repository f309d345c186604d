export type { ContractSetup, ContractSubject } from "./contract-subject.ts";
export { describeDekStore } from "./dek-store-contract.ts";
export { describeRecordProperties } from "./record-properties-contract.ts";
export { describeRecordReading } from "./record-reading-contract.ts";
export { describeRecordStore } from "./record-store-contract.ts";
export { describeStateStore } from "./state-store-contract.ts";
export { describeStore } from "./store-contract.ts";
export { describeTables } from "./tables-contract.ts";
export { describeConditionalWriter } from "./writer-contract.ts";
