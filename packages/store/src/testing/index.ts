/** For tests of what stands on the store. */
export { type DynamoDbLocal, type DynamoDbLocalStart, startDynamoDbLocal } from "./dynamodb-local.ts";
export { localClient } from "./embedded-dynamodb.ts";
export { sampleDek, sampleRecord, sampleWrap } from "./samples.ts";
