export { describeDynamodbContract } from "./dynamodb.ts";
export { describeKmsContract } from "./kms.ts";
export { describeSqsContract } from "./sqs.ts";
export { type ContractTarget, itCan, type OpenTarget } from "./target.ts";
export { embeddedTarget, targetFromEnvironment } from "./targets.ts";
