import { type LocalRedis, startRedis } from "@dekhand/local-redis";
import { afterAll, beforeAll } from "vitest";
import { describeJobConsumer } from "../contract/index.ts";
import { bullSubject } from "../testing/bull-subject.ts";

let redis: LocalRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

describeJobConsumer("the BullMQ consumer", () => bullSubject(redis.url));
