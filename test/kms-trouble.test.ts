import { DescribeKeyCommand, DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { GetQueueAttributesCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import type { EncryptJobInput } from "@dekhand/jobs";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { untilStored } from "./stack/ingest.ts";
import { plainProfile, region, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

/** KMS throttled, slow, failing and cut off: jobs wait with their message held, and finish afterwards. */

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack[Symbol.asyncDispose]());

/** Each record in a scope of its own, so that each needs KMS. */
function recordsOf(count: number): EncryptJobInput[] {
  return Array.from({ length: count }, (_, index) => ({
    recordId: `record-${index}`,
    profile: tenantProfile,
    context: { tenant: `tenant-${index}` },
    payload: Buffer.from(`payload ${index}`),
  }));
}

async function submit(records: readonly EncryptJobInput[]): Promise<string[]> {
  const outcomes = await stack.client.submitAll(records);
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  return records.map(({ recordId }) => recordId);
}

/** Every message was received once and is gone, the dead-letter queue is empty: trouble did not use up receives. */
async function expectReceivesNotBurnt(messages: number): Promise<void> {
  const stats = running.encryptor.consumers().map((consumer) => consumer.stats());
  expect(stats.reduce((sum, { received }) => sum + received, 0)).toBe(messages);
  const { encrypt } = stack.config.queues;
  await eventually(async () => (await messagesIn(encrypt)) === 0);
  expect(await messagesIn(`${encrypt}-dlq`)).toBe(0);
}

async function messagesIn(queue: string): Promise<number> {
  const { sqs } = stack.clients.region(region);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
  const { Attributes = {} } = await sqs.send(command);
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}

/** Of the calls for new DEKs. */
function failCalls(rate: number): void {
  const injection = { service: "kms", operation: "GenerateDataKey", errorName: "KMSInternalException" } as const;
  stack.aws.control.injectErrors(region, { ...injection, status: 500, rate });
}

function failedCalls(): number {
  return stack.aws.control.callCounts()[region]?.kms.GenerateDataKey?.errors.KMSInternalException ?? 0;
}

let running: Awaited<ReturnType<Stack["startEncryptor"]>>;

describe("jobs wait with their message held, and finish, when KMS", () => {
  it("throttles almost everything", async () => {
    running = await stack.startEncryptor();
    stack.aws.control.setQuota(region, "crypto", 8);
    const ids = await submit(recordsOf(40));
    await untilStored(stack, ids);
    const errors = stack.aws.control.callCounts()[region]?.kms.GenerateDataKey?.errors ?? {};
    expect(errors.ThrottlingException).toBeGreaterThan(0);
    await expectReceivesNotBurnt(40);
  });

  it("answers slowly", async () => {
    running = await stack.startEncryptor();
    stack.aws.control.setLatency(region, 1_500, { service: "kms" });
    await untilStored(stack, await submit(recordsOf(20)));
    await expectReceivesNotBurnt(20);
  });

  it("fails one call of four all the while", async () => {
    running = await stack.startEncryptor();
    failCalls(1 / 4);
    await untilStored(stack, await submit(recordsOf(20)));
    expect(failedCalls()).toBeGreaterThan(0);
    await expectReceivesNotBurnt(20);
  });

  // So many that the circuit breaker opens: what it lets through may fail as well, so nobody can say how soon it closes.
  it("fails two calls of three for a time", async () => {
    running = await stack.startEncryptor();
    failCalls(2 / 3);
    const ids = await submit(recordsOf(20));
    await eventually(() => failedCalls() >= 10);
    stack.aws.control.clearFaults();
    await untilStored(stack, ids);
    await expectReceivesNotBurnt(20);
  });

  it("has the profile's key disabled, while other profiles go on", async () => {
    running = await stack.startEncryptor();
    const { kms } = stack.clients.region(region);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/customer-pii" }));
    await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    const waiting = await submit(recordsOf(10));
    const others = await submit([{ recordId: "other", profile: plainProfile, payload: Buffer.from("goes on") }]);
    await untilStored(stack, others);
    expect(await stack.stores.records.get("record-0")).toBeUndefined();
    await kms.send(new EnableKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    await untilStored(stack, waiting);
    await expectReceivesNotBurnt(11);
  });
});

describe("jobs in work survive", () => {
  it("the Region's endpoints being cut off, and finish once they are back", async () => {
    running = await stack.startEncryptor();
    stack.aws.control.setLatency(region, 500, { service: "kms" });
    const ids = await submit(recordsOf(20));
    await eventually(() => running.encryptor.consumers().some((consumer) => consumer.stats().received === 20));
    stack.aws.control.cutOff(region, true);
    await eventually(async () =>
      /kms_failures_total\{[^}]*transient[^}]*\} [1-9]/.test(await running.metrics.render()),
    );
    stack.aws.control.clearFaults();
    await untilStored(stack, ids);
    await expectReceivesNotBurnt(20);
  });
});

describe("a KMS answer that comes after its worker has stopped", () => {
  it("leaves no DEK behind: the worker that stores the record makes the only one", async () => {
    running = await stack.startEncryptor();
    await untilStored(stack, await submit(recordsOf(1)));
    const calls = () => stack.aws.control.callCounts()[region]?.kms.GenerateDataKey?.calls ?? 0;
    const before = { calls: calls(), deks: await countDeks() };
    stack.aws.control.setLatency(region, 5_000, { service: "kms", operation: "GenerateDataKey" });
    await submit([
      { recordId: "late", profile: tenantProfile, context: { tenant: "late" }, payload: Buffer.from("x") },
    ]);
    await eventually(() => calls() > before.calls);
    await running.encryptor.drain({ ms: 3_000 });
    expect(await countDeks()).toEqual(before.deks);
    // The message was handed back. The other worker's answer takes as long, so the first one's is out when it comes.
    await stack.startEncryptor();
    await untilStored(stack, ["late"]);
    expect(calls()).toBeGreaterThanOrEqual(before.calls + 2);
    expect(await countDeks()).toEqual({ deks: before.deks.deks + 1, wraps: before.deks.wraps + 1 });
  });

  async function countDeks() {
    const { deks, wraps } = await stack.stores.deks.count();
    const sum = (counts: readonly { readonly count: number }[]) =>
      counts.reduce((total, { count }) => total + count, 0);
    return { deks: sum(deks), wraps: sum(wraps) };
  }
});
