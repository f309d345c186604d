import { afterEach, describe, expect, it, vi } from "vitest";
import { startDynamoDbLocal } from "./dynamodb-local.ts";

describe("DynamoDB Local for tests", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it("without Java it is unavailable, with the reason", async () => {
    vi.stubEnv("PATH", "");
    expect(await startDynamoDbLocal()).toEqual({ kind: "unavailable", reason: "DynamoDB Local needs Java on PATH" });
  });
});
