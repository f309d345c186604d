import { afterAll, describe } from "vitest";
import { describeWrapStore } from "../contract/index.ts";
import { startBackend } from "../testing/backend.ts";
import { dekhandSubject } from "../testing/wraps/dekhand-subject.ts";
import { dynamodbSubject } from "../testing/wraps/dynamodb-subjects.ts";
import { transitSubject } from "../testing/wraps/transit-subject.ts";

const backend = await startBackend("dynamodb-local").catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`skipped: wrap stores on Amazon's DynamoDB Local: ${reason}\n`);
  return undefined;
});

describe.skipIf(backend === undefined)("wraps on Amazon's DynamoDB Local", () => {
  afterAll(() => backend?.[Symbol.asyncDispose]());

  const tables = (mode: "batch" | "single") => {
    if (!backend) throw new Error("skipped");
    return backend.subject(mode);
  };

  describe.each(["batch", "single"] as const)("Dekhand's, in %s mode", (mode) => {
    describeWrapStore(async () => dekhandSubject(await tables(mode)));
  });

  describe("transit keys'", () => {
    describeWrapStore(async () => transitSubject(await tables("batch")));
  });

  describe.each(["tenantKeys", "sessionKeys"] as const)("a table that was there before, in batch mode: %s", (kind) => {
    describeWrapStore(async () => dynamodbSubject(await tables("batch"), kind));
  });
});
