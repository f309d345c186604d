import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { afterAll, beforeAll } from "vitest";
import { describeEncryptJobs, describeJobConsumer, describeRewrapJobs } from "../contract/index.ts";
import { sqsSubject } from "../testing/sqs-subject.ts";
import { encryptKind, rewrapKind } from "../testing/subject-kinds.ts";

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ regions: ["us-east-1"] });
});

afterAll(() => aws.close());

const encryptSetup = () => sqsSubject(aws.endpoints["us-east-1"] ?? "", encryptKind);
const rewrapSetup = () => sqsSubject(aws.endpoints["us-east-1"] ?? "", rewrapKind);

describeJobConsumer("the SQS consumer, of encrypt jobs", encryptSetup);
describeEncryptJobs("encrypt jobs over SQS", encryptSetup);
describeJobConsumer("the SQS consumer, of rewrap jobs", rewrapSetup);
describeRewrapJobs("rewrap jobs over SQS", rewrapSetup);
