import { afterAll, describe, expect, it } from "vitest";
import { describeConditionalWriter, describeRecordStore, describeStore } from "./contract/index.ts";
import { startBackend } from "./testing/backend.ts";

const backend = await startBackend("dynamodb-local").catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`skipped: Amazon's DynamoDB Local: ${reason}\n`);
  return undefined;
});

describe.skipIf(backend === undefined)("on Amazon's DynamoDB Local", () => {
  afterAll(() => backend?.[Symbol.asyncDispose]());

  const subject = (mode: "batch" | "single") => () => {
    if (!backend) throw new Error("skipped");
    return backend.subject(mode);
  };

  it("the probe finds PartiQL and says so", async () => {
    const probed = await backend?.probe();
    expect(probed?.writer.mode).toBe("batch");
    expect(probed?.logged).toMatchObject([{ writeMode: "batch", probed: true }]);
  });

  describe("in batch mode", () => {
    describeStore(subject("batch"));
  });

  // The rest does not depend on how it is written.
  describe("in single mode", () => {
    describeConditionalWriter(subject("single"));
    describeRecordStore(subject("single"));
  });
});
