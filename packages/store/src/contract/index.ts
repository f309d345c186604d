export type { ContractSetup, ContractSubject } from "./contract-subject.ts";
export { describeConditionalWriter } from "./writer-contract.ts";
