/** A profile's alias that moves to another key while records are there, and what a deployment knows of it afterwards. */

import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CreateKeyCommand, DescribeKeyCommand, UpdateAliasCommand } from "@aws-sdk/client-kms";
import { type DeploymentConfig, readDeploymentConfig } from "@dekhand/runtime";
import type { StoredWrap } from "@dekhand/store";
import { parse, stringify } from "yaml";
import { ingest } from "./ingest.ts";
import { region, type Stack, tenantProfile } from "./start-stack.ts";

const alias = "alias/customer-pii";

/** A record whose DEK no other record shares. */
export interface LoneRecord {
  readonly recordId: string;
  readonly context: { readonly tenant: string };
  readonly payload: Buffer;
  readonly dekId: string;
}

export interface KeyChange {
  readonly oldKey: string;
  readonly newKey: string;
  /** Where the old key is listed under `retiring`. */
  readonly config: DeploymentConfig;
  readonly configFile: string;
}

/** Ingests records with a scope, and so a DEK, for each, by an encryptor that is gone afterwards. */
export async function ingestLoneRecords(stack: Stack, count: number): Promise<readonly LoneRecord[]> {
  const { encryptor } = await stack.startEncryptor();
  const records = Array.from({ length: count }, (_, index) => ({
    recordId: `record-${index}`,
    profile: tenantProfile,
    context: { tenant: `tenant-${index}` },
    payload: Buffer.from(`payload ${index}`),
  }));
  await ingest(stack, records);
  await encryptor.drain({ ms: 5_000 });
  return Promise.all(
    records.map(async ({ recordId, context, payload }) => {
      const stored = await stack.stores.records.get(recordId);
      if (!stored) throw new Error(`${recordId} is stored`);
      return { recordId, context, payload, dekId: stored.dekId };
    }),
  );
}

/** Points the profile's alias at a new key, and writes a configuration that still lists the old one. */
export async function changeKey(stack: Stack): Promise<KeyChange> {
  const { kms } = stack.clients.region(region);
  const { KeyMetadata: before } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
  const { KeyMetadata: after } = await kms.send(new CreateKeyCommand({}));
  if (before?.Arn === undefined || after?.Arn === undefined) throw new Error("keys have ARNs");
  await kms.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: after.KeyId }));
  const { configFile: from } = stack.embedded;
  const written = parse(await readFile(from, "utf8"));
  written.profiles[tenantProfile].retiring = [before.Arn];
  const configFile = join(dirname(from), "after-the-key-change.yaml");
  await writeFile(configFile, stringify(written));
  return { oldKey: before.Arn, newKey: after.Arn, config: readDeploymentConfig(configFile), configFile };
}

/** The wraps of these records' DEKs, in their order. */
export async function wrapsOf(stack: Stack, records: readonly LoneRecord[]): Promise<readonly StoredWrap[]> {
  return Promise.all(
    records.map(async ({ dekId }) => {
      const stored = await stack.stores.deks.get(dekId, region);
      if (!stored) throw new Error(`${dekId} has a wrap`);
      return stored.wrap;
    }),
  );
}
