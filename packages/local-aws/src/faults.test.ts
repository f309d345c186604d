import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, DescribeKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { REGION, REPLICA, startForTest } from "./testing/local-clients.ts";

describe("a Region that is cut off", () => {
  it("resets what is connected and what connects, alone, until it is restored", async () => {
    await using local = await startForTest();
    const { control } = local.aws;
    const keyId = await local.createKey();
    control.cutOff(REGION, true);
    expect(await local.errorOf(local.dataKey(keyId))).toBe("ECONNRESET");
    expect(await local.errorOf(local.dynamodb().send(new ListTablesCommand({})))).toBe("ECONNRESET");
    expect(await local.errorOf(local.kms(REPLICA).send(new ListKeysCommand({})))).toBe("none");
    control.cutOff(REGION, false);
    expect(await local.errorOf(local.dataKey(keyId))).toBe("none");
  });

  it("destroys the connection of a call that is under way", async () => {
    await using local = await startForTest();
    const { control } = local.aws;
    await local.kms().send(new ListKeysCommand({}));
    control.setLatency(REGION, 60_000);
    const call = local.errorOf(local.kms().send(new ListKeysCommand({})));
    await expect.poll(() => control.callCounts()[REGION]?.kms.ListKeys?.calls).toBe(2);
    control.cutOff(REGION, true);
    expect(await call).toBe("ECONNRESET");
  });

  it("can also hang: nothing answers, and waiting calls fail when it comes back", async () => {
    await using local = await startForTest();
    const { control } = local.aws;
    await local.kms().send(new ListKeysCommand({}));
    control.cutOff(REGION, true, { mode: "hang" });
    let answered = false;
    const call = local.errorOf(local.kms().send(new ListKeysCommand({}))).finally(() => {
      answered = true;
    });
    const other = await local.errorOf(local.kms(REPLICA).send(new ListKeysCommand({})));
    expect([other, answered]).toEqual(["none", false]);
    control.cutOff(REGION, false);
    expect(await call).not.toBe("none");
    expect(await local.errorOf(local.kms().send(new ListKeysCommand({})))).toBe("none");
  });
});

describe("latency", () => {
  it("delays the operation it is set for, by as much as was asked", async () => {
    await using local = await startForTest();
    const keyId = await local.createKey();
    local.aws.control.setLatency(REGION, 150, { service: "kms", operation: "DescribeKey" });
    const startedAt = performance.now();
    await local.kms().send(new DescribeKeyCommand({ KeyId: keyId }));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(145);
  });

  it("delays no other operation, and none any more once it is taken away", async () => {
    await using local = await startForTest();
    const { control } = local.aws;
    const keyId = await local.createKey();
    const describeKey = (signal?: AbortSignal) =>
      local.kms().send(new DescribeKeyCommand({ KeyId: keyId }), signal ? { abortSignal: signal } : {});
    control.setLatency(REGION, 600_000, { service: "kms", operation: "DescribeKey" });
    const abort = new AbortController();
    let ended = false;
    const delayed = local.errorOf(describeKey(abort.signal)).finally(() => {
      ended = true;
    });
    await expect.poll(() => control.callCounts()[REGION]?.kms.DescribeKey?.calls).toBe(1);
    await local.dataKey(keyId);
    control.setLatency(REGION, 0, { service: "kms", operation: "DescribeKey" });
    await describeKey();
    // Both were answered while the first call is still waiting.
    expect(ended).toBe(false);
    abort.abort();
    expect(await delayed).toBe("AbortError");
  });

  it("ends with the client's patience, and leaves nothing behind", async () => {
    await using local = await startForTest();
    local.aws.control.setLatency(REGION, 60_000);
    const abort = new AbortController();
    const call = local.errorOf(local.kms().send(new ListKeysCommand({}), { abortSignal: abort.signal }));
    await expect.poll(() => local.aws.control.callCounts()[REGION]?.kms.ListKeys?.calls).toBe(1);
    abort.abort();
    expect(await call).toBe("AbortError");
  });
});

describe("quotas", () => {
  it("are one for all symmetric cryptographic operations, dry runs included", async () => {
    await using local = await startForTest();
    const keyId = await local.createKey();
    const blob = await local.dataKey(keyId);
    local.aws.control.setQuota(REGION, "crypto", 3);
    const decrypt = (DryRun: boolean) => local.kms().send(new DecryptCommand({ CiphertextBlob: blob, DryRun }));
    expect(await local.errorOf(decrypt(true))).toBe("DryRunOperationException");
    expect(await local.errorOf(decrypt(false))).toBe("none");
    expect(await local.errorOf(local.dataKey(keyId))).toBe("none");
    expect(await local.errorOf(decrypt(false))).toBe("ThrottlingException");
    expect(await local.errorOf(local.kms().send(new DescribeKeyCommand({ KeyId: keyId })))).toBe("none");
    local.aws.control.setQuota(REGION, "crypto", undefined);
    expect(await local.errorOf(decrypt(false))).toBe("none");
  });

  it("can be set for one operation, in one Region, from the start", async () => {
    await using local = await startForTest({ kms: { quotas: { ListKeys: 1 } } });
    const list = (region: string) => local.errorOf(local.kms(region).send(new ListKeysCommand({})));
    expect([await list(REGION), await list(REGION), await list(REPLICA)]).toEqual([
      "none",
      "ThrottlingException",
      "none",
    ]);
    local.aws.control.setQuota(REGION, "ListKeys", 0);
    expect(await list(REGION)).toBe("ThrottlingException");
  });
});

describe("injected errors", () => {
  it("hit their operation as often as was asked, with name and status", async () => {
    await using local = await startForTest();
    const keyId = await local.createKey();
    const injection = { service: "kms", operation: "GenerateDataKey", errorName: "KMSInternalException" } as const;
    local.aws.control.injectErrors(REGION, { ...injection, status: 500, count: 2 });
    const failure = await local.dataKey(keyId).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "KMSInternalException", $metadata: { httpStatusCode: 500 } });
    expect(await local.errorOf(local.kms().send(new DescribeKeyCommand({ KeyId: keyId })))).toBe("none");
    expect(await local.errorOf(local.dataKey(keyId))).toBe("KMSInternalException");
    expect(await local.errorOf(local.dataKey(keyId))).toBe("none");
  });

  it("follow the same course under the same seed", async () => {
    const course = async (seed: number): Promise<string> => {
      await using local = await startForTest({ seed });
      local.aws.control.injectErrors(REGION, { errorName: "ThrottlingException", rate: 0.5 });
      const outcomes: string[] = [];
      for (let call = 0; call < 20; call += 1) {
        outcomes.push(await local.errorOf(local.kms().send(new ListKeysCommand({}))));
      }
      return outcomes.join();
    };
    const [one, again, other] = [await course(7), await course(7), await course(8)];
    expect(one).toBe(again);
    expect(one).not.toBe(other);
    expect(one).toContain("none");
    expect(one).toContain("ThrottlingException");
  });

  it("can come after the effect", async () => {
    await using local = await startForTest();
    local.aws.control.injectErrors(REGION, {
      service: "kms",
      operation: "CreateKey",
      errorName: "KMSInternalException",
      when: "after",
      count: 1,
    });
    expect(await local.errorOf(local.createKey())).toBe("KMSInternalException");
    const { Keys: keys } = await local.kms().send(new ListKeysCommand({}));
    expect(keys).toHaveLength(1);
  });

  it("can be a dropped connection", async () => {
    await using local = await startForTest();
    local.aws.control.injectErrors(REGION, { service: "kms", drop: true, count: 1 });
    expect(await local.errorOf(local.kms().send(new ListKeysCommand({})))).toBe("ECONNRESET");
    expect(await local.errorOf(local.kms().send(new ListKeysCommand({})))).toBe("none");
    expect(local.aws.control.callCounts()[REGION]?.kms.ListKeys).toEqual({
      calls: 2,
      errors: { ConnectionDropped: 1 },
    });
  });

  it("end with clearFaults, and so does every other fault", async () => {
    await using local = await startForTest({ kms: { quotas: { ListKeys: 1000 } } });
    const { control } = local.aws;
    control.injectErrors(REGION, { errorName: "AccessDeniedException" });
    control.setLatency(REGION, 60_000);
    control.setQuota(REGION, "ListKeys", 0);
    control.cutOff(REGION, true);
    control.clearFaults();
    expect(await local.errorOf(local.kms().send(new ListKeysCommand({})))).toBe("none");
    expect(control.faults()[REGION]).toEqual({ cut: null, latencies: [], quotas: { ListKeys: 1000 }, errors: [] });
  });
});

describe("call counts", () => {
  it("tell calls and errors by Region, service and operation", async () => {
    await using local = await startForTest();
    const keyId = await local.createKey();
    await local.dataKey(keyId);
    await local.errorOf(local.dataKey("00000000-0000-4000-8000-000000000000"));
    await local.dynamodb(REPLICA).send(new ListTablesCommand({}));
    const counts = local.aws.control.callCounts();
    expect(counts[REGION]?.kms).toEqual({
      CreateKey: { calls: 1, errors: {} },
      GenerateDataKey: { calls: 2, errors: { NotFoundException: 1 } },
    });
    expect(counts[REPLICA]).toMatchObject({ kms: {}, dynamodb: { ListTables: { calls: 1 } } });
    local.aws.control.resetCounts();
    expect(local.aws.control.callCounts()[REGION]?.kms).toEqual({});
  });
});
