/** For tests of what stands on the store. */
export { type DynamoDbLocal, type DynamoDbLocalStart, startDynamoDbLocal } from "./dynamodb-local.ts";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
export { localClient } from "./local-client.ts";
export { sampleDek, sampleRecord, sampleWrap } from "./samples.ts";
export { sampleWrapModule } from "./wraps/sample-wrap-module.ts";
