import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DescribeKeyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { createMetrics, type DeploymentConfig, readDeploymentConfig } from "@dekhand/runtime";
import type { Campaign } from "@dekhand/store";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { ingestLoneRecords, type LoneRecord, wrapsOf } from "./stack/key-change.ts";
import { queueUrl } from "./stack/raw-queues.ts";
import { region, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

const alias = "alias/customer-pii";
const eventQueue = "dekhand-rotations";

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack[Symbol.asyncDispose]());

/** The stack's configuration, where the profile's key is watched and events have a queue; and what that needs. */
async function watchRotations(): Promise<DeploymentConfig> {
  const { configFile: from } = stack.embedded;
  const written = parse(await readFile(from, "utf8"));
  written.profiles[tenantProfile].autoRewrap = true;
  written.queues.events = eventQueue;
  const configFile = join(dirname(from), "watching-rotations.yaml");
  await writeFile(configFile, stringify(written));
  const made = await stack.dekhand("--config", configFile, "init", "--yes");
  expect(made).toMatchObject({ exitCode: 0 });
  return readDeploymentConfig(configFile);
}

const describeKey = async () => {
  const { KeyMetadata } = await stack.clients.region(region).kms.send(new DescribeKeyCommand({ KeyId: alias }));
  return { keyId: KeyMetadata?.KeyId ?? "", arn: KeyMetadata?.Arn ?? "", material: KeyMetadata?.CurrentKeyMaterialId };
};

const rotate = (KeyId: string) => stack.clients.region(region).kms.send(new RotateKeyOnDemandCommand({ KeyId }));

/** As EventBridge sends it. */
async function rotationEvent(previous: string | undefined): Promise<string> {
  const { keyId, arn, material } = await describeKey();
  return JSON.stringify({
    version: "0",
    id: randomUUID(),
    "detail-type": "KMS CMK Rotation",
    source: "aws.kms",
    account: arn.split(":")[4],
    time: new Date().toISOString(),
    region,
    resources: [arn],
    detail: {
      "key-id": keyId,
      "key-origin": "AWS_KMS",
      "rotation-type": "ON_DEMAND",
      "previous-key-material-id": previous,
      "current-key-material-id": material,
    },
  });
}

const send = async (MessageBody: string) => {
  const QueueUrl = await queueUrl(stack, eventQueue);
  await stack.clients.region(region).sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
};

const campaigns = async (): Promise<readonly Campaign[]> => (await stack.stores.campaigns.list()).entries;

const untilComplete = (count: number) =>
  eventually(
    async () => {
      const all = await campaigns();
      expect(all.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => "complete"));
      return all;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );

async function expectCurrent(records: readonly LoneRecord[]): Promise<void> {
  const { arn, material } = await describeKey();
  for (const wrap of await wrapsOf(stack, records)) {
    expect(wrap).toMatchObject({ keyArn: arn, material, campaign: expect.stringMatching(/^auto-/) });
  }
  for (const { recordId, context, payload } of records) {
    expect((await stack.client.read(recordId, context)).payload.equals(payload)).toBe(true);
  }
}

describe("a KMS key that rotates by itself", () => {
  it("has its wraps rewrapped once an event tells of it, once a material, and without an event by the poll", async () => {
    const config = await watchRotations();
    const records = await ingestLoneRecords(stack, 12);
    const { keyId, material: first } = await describeKey();
    const metrics = createMetrics({ service: "control" });
    const hour = { pollMs: 3_600_000 };
    await Promise.all([stack.startRewrapper({ config }), stack.startControl({ config, rotations: hour, metrics })]);
    const baseline = { material: first, reason: "baseline" };
    await eventually(async () => expect(await stack.stores.state.listRotations(keyId)).toMatchObject([baseline]));

    await rotate(keyId);
    const event = await rotationEvent(first);
    await send(event);
    const [campaign] = await untilComplete(1);
    expect(campaign).toMatchObject({ kind: "rotation", createdBy: "dekhand-control" });
    await expectCurrent(records);

    const done = /jobs_outcomes_total\{source="sqs",outcome="done",reason="looked"[^}]*\} 2\n/;
    await send(event);
    await send("{}");
    await eventually(async () => expect(await metrics.render()).toMatch(done));
    const rejected = /jobs_outcomes_total\{source="sqs",outcome="reject",reason="JOBS_KIND_UNKNOWN"[^}]*\} 1\n/;
    await eventually(async () => expect(await metrics.render()).toMatch(rejected));
    expect(await campaigns()).toHaveLength(1);

    await rotate(keyId);
    await stack.startControl({ config, rotations: { pollMs: 100 } });
    const all = await untilComplete(2);
    const reasons = await Promise.all(all.map(async ({ id }) => (await stack.stores.campaigns.history(id))[0]?.reason));
    for (const found of ["found after event", "found by the poll"]) {
      expect(reasons).toContainEqual(expect.stringContaining(found));
    }
    await expectCurrent(records);
  }, 180_000);
});
