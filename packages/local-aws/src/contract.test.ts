import {
  describeDynamodbContract,
  describeKmsContract,
  embeddedTarget,
  targetFromEnvironment,
} from "./contract/index.ts";

const target = targetFromEnvironment(process.env) ?? embeddedTarget();
describeKmsContract(target);
describeDynamodbContract(target);
