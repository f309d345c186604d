/** What an operator does before a campaign: the key gets new material, or the profile another key. */

import { readFile, writeFile } from "node:fs/promises";
import { CreateKeyCommand, DisableKeyCommand, RotateKeyOnDemandCommand, UpdateAliasCommand } from "@aws-sdk/client-kms";
import type { CampaignRequest } from "@dekhand/campaign";
import type { Profile } from "@dekhand/runtime";
import { parseDocument } from "yaml";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { Embedded } from "../embedded/start-embedded.ts";

export interface KeyChangeDeps {
  readonly embedded: Pick<Embedded, "configFile">;
  readonly deployment: RunningDeployment;
  readonly signal: AbortSignal;
}

/** Gives the profile's key new material. Answers the campaign that brings its wraps under it. */
export async function rotateMaterial(
  { key, home }: Profile,
  { deployment: { connection }, signal }: KeyChangeDeps,
): Promise<CampaignRequest> {
  const { arn } = await connection.kms(home).describeKey(key, { signal });
  await connection.clients.region(home).kms.send(new RotateKeyOnDemandCommand({ KeyId: arn }), { abortSignal: signal });
  return { kind: "rotation", from: [arn] };
}

/**
 * Creates another key, lists the present one as retiring, points the profile's alias at the new one, and starts the
 * workers with that. Answers the campaign that brings the wraps from key to key.
 */
export async function changeKey(
  { name, key, home }: Profile,
  { embedded, deployment, signal }: KeyChangeDeps,
): Promise<CampaignRequest> {
  const { connection } = deployment;
  const { arn: oldKey } = await connection.kms(home).describeKey(key, { signal });
  const { kms } = connection.clients.region(home);
  const created = await kms.send(new CreateKeyCommand({ Description: `Dekhand, ${key}` }), { abortSignal: signal });
  const newKey = created.KeyMetadata?.Arn;
  if (newKey === undefined) throw new TypeError("KMS answers with the ARN of the key that it has created");
  // Before the alias moves: whoever reads the file must find the old key there as long as wraps are under it.
  await listAsRetiring(embedded.configFile, name, oldKey);
  await kms.send(new UpdateAliasCommand({ AliasName: key, TargetKeyId: newKey }), { abortSignal: signal });
  await deployment.redeploy();
  return { kind: "key", from: [oldKey], to: newKey };
}

async function listAsRetiring(configFile: string, profile: string, keyArn: string): Promise<void> {
  const written = parseDocument(await readFile(configFile, "utf8"));
  written.setIn(["profiles", profile, "retiring"], [keyArn]);
  await writeFile(configFile, written.toString());
}

/** Disables the keys that a complete campaign has left: from then on nothing opens with them. */
export async function disableKeys(
  { home }: Profile,
  keyArns: readonly string[],
  { deployment: { connection }, signal }: Pick<KeyChangeDeps, "deployment" | "signal">,
): Promise<void> {
  const { kms } = connection.clients.region(home);
  for (const KeyId of keyArns) await kms.send(new DisableKeyCommand({ KeyId }), { abortSignal: signal });
}
