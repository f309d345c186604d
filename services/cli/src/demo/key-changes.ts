/** What an operator does before a campaign: the keys get new material, or the profile others. */

import { readFile, writeFile } from "node:fs/promises";
import { DisableKeyCommand, RotateKeyOnDemandCommand, UpdateAliasCommand } from "@aws-sdk/client-kms";
import type { CampaignRequest } from "@dekhand/campaign";
import { type Profile, profileAt, regionsOf } from "@dekhand/runtime";
import { parseDocument } from "yaml";
import type { Connection } from "../connect.ts";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { Embedded } from "../embedded/start-embedded.ts";
import { createKeys, regionsWithOwnKey } from "./new-keys.ts";

export interface KeyChangeDeps {
  readonly embedded: Pick<Embedded, "configFile">;
  readonly deployment: RunningDeployment;
  readonly signal: AbortSignal;
}

/**
 * Gives the profile's keys new material: home's, which replicas of it share, and those that replica Regions have of their
 * own. Answers the campaign that brings the wraps under it where KMS re-encrypts them. Copies it leaves to the reconciler:
 * a campaign that takes them in waits half a minute until no older one can arrive any more, and the next one shows that.
 */
export async function rotateMaterial(
  profile: Profile,
  { deployment: { connection }, signal }: KeyChangeDeps,
): Promise<CampaignRequest> {
  const regions = regionsWithOwnKey(profile);
  const from: string[] = [];
  for (const region of regions) {
    const KeyId = await currentKey(profile, region, { connection, signal });
    const { kms } = connection.clients.region(region);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }), { abortSignal: signal });
    from.push(KeyId);
  }
  return { kind: "rotation", from, regions };
}

/**
 * Creates other keys in each of the profile's Regions, lists the present ones as retiring, points the profile's alias at the
 * new ones, and starts the workers with that. Answers the campaign that brings the wraps from key to key, copies included.
 */
export async function changeKeys(
  profile: Profile,
  { embedded, deployment, signal }: KeyChangeDeps,
): Promise<CampaignRequest> {
  const { connection } = deployment;
  const oldKeys = new Map<string, string>();
  for (const region of regionsOf(profile)) {
    oldKeys.set(region, await currentKey(profile, region, { connection, signal }));
  }
  const newKeys = await createKeys(profile, connection.clients, { signal });
  // Before the alias moves: whoever reads the file must find the old keys there as long as wraps are under them.
  await listAsRetiring(embedded.configFile, profile, oldKeys);
  for (const [region, TargetKeyId] of newKeys) {
    const { kms } = connection.clients.region(region);
    await kms.send(new UpdateAliasCommand({ AliasName: profile.key, TargetKeyId }), { abortSignal: signal });
  }
  await deployment.redeploy();
  const own = regionsWithOwnKey(profile);
  return { kind: "key", from: own.flatMap((region) => oldKeys.get(region) ?? []), to: profile.key };
}

async function currentKey(
  profile: Profile,
  region: string,
  { connection, signal }: { readonly connection: Connection; readonly signal: AbortSignal },
): Promise<string> {
  const { arn } = await connection.kms(region).describeKey(profileAt(profile, region)?.key ?? profile.key, { signal });
  return arn;
}

async function listAsRetiring(
  configFile: string,
  { name, home }: Profile,
  keys: ReadonlyMap<string, string>,
): Promise<void> {
  const written = parseDocument(await readFile(configFile, "utf8"));
  for (const [region, arn] of keys) {
    const place = region === home ? [] : ["replicas", region];
    written.setIn(["profiles", name, ...place, "retiring"], [arn]);
  }
  await writeFile(configFile, written.toString());
}

export interface KeyInRegion {
  readonly region: string;
  readonly arn: string;
}

/** Disables the keys that a complete campaign has left: from then on nothing opens with them. */
export async function disableKeys(
  keys: readonly KeyInRegion[],
  { deployment: { connection }, signal }: Pick<KeyChangeDeps, "deployment" | "signal">,
): Promise<void> {
  for (const { region, arn } of keys) {
    const { kms } = connection.clients.region(region);
    await kms.send(new DisableKeyCommand({ KeyId: arn }), { abortSignal: signal });
  }
}
