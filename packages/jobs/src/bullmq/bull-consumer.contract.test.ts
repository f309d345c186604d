import { type LocalRedis, startRedis } from "@dekhand/local-redis";
import { afterAll, beforeAll } from "vitest";
import {
  describeEncryptJobs,
  describeJobConsumer,
  describeReplicateJobs,
  describeRewrapJobs,
} from "../contract/index.ts";
import { bullSubject } from "../testing/bull-subject.ts";
import { encryptKind, replicateKind, rewrapKind } from "../testing/subject-kinds.ts";

let redis: LocalRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

const encryptSetup = () => bullSubject(redis.url, encryptKind);
const replicateSetup = () => bullSubject(redis.url, replicateKind);
const rewrapSetup = () => bullSubject(redis.url, rewrapKind);

describeJobConsumer("the BullMQ consumer, of encrypt jobs", encryptSetup);
describeEncryptJobs("encrypt jobs over BullMQ", encryptSetup);
describeJobConsumer("the BullMQ consumer, of rewrap jobs", rewrapSetup);
describeRewrapJobs("rewrap jobs over BullMQ", rewrapSetup);
describeJobConsumer("the BullMQ consumer, of replicate jobs", replicateSetup);
describeReplicateJobs("replicate jobs over BullMQ", replicateSetup);
