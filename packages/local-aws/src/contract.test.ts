import {
  describeDynamodbContract,
  describeKmsContract,
  describeSqsContract,
  embeddedTarget,
  targetFromEnvironment,
} from "./contract/index.ts";

const target = targetFromEnvironment(process.env) ?? embeddedTarget();
describeKmsContract(target);
describeSqsContract(target);
describeDynamodbContract(target);
