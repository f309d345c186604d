import {
  describeDynamodbContract,
  describeKmsContract,
  embeddedTarget,
  targetFromEnvironment,
} from "./contract/index.ts";

// SQS's suite has a file of its own in src/sqs: it waits where these work, so that both run at once.
const target = targetFromEnvironment(process.env) ?? embeddedTarget();
describeKmsContract(target);
describeDynamodbContract(target);
