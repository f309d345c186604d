import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { afterAll, beforeAll } from "vitest";
import { describeJobConsumer } from "../contract/index.ts";
import { sqsSubject } from "../testing/sqs-subject.ts";

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ regions: ["us-east-1"] });
});

afterAll(() => aws.close());

describeJobConsumer("the SQS consumer", () => sqsSubject(aws.endpoints["us-east-1"] ?? ""));
