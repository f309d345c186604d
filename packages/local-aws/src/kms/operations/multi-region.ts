/** Related keys in several Regions: one family, one material, one of them primary. */
import { AwsFault } from "../../service.ts";
import { readPolicy, readTags, readText, requireText, validation } from "../input.ts";
import { keyMetadata } from "../key-metadata.ts";
import { isPrimary, type RegionalKey } from "../key-model.ts";
import { requireState } from "../key-state.ts";
import type { KmsOperation } from "../operation.ts";
import { managed, notFound, resolveKey } from "../resolve-key.ts";
import { unsupported } from "./keys.ts";

export const replicateKey: KmsOperation = async ({ store, region }, input) => {
  const primary = resolveKey(store, region, requireText(input, "KeyId"), managed);
  const replicaRegion = requireText(input, "ReplicaRegion", { max: 32 });
  const policy = readPolicy(input);
  const tags = readTags(input);
  requirePrimary(primary);
  requireState(primary, "replicate", store.now());
  if (!store.regions.includes(replicaRegion)) throw validation("The replica Region is not served by this emulator.");
  if (primary.family.members.has(replicaRegion)) {
    throw new AwsFault("AlreadyExistsException", "The key already exists in the replica Region.");
  }
  const description = readText(input, "Description", { min: 0, max: 8192 }) ?? "";
  const replica = store.replicate(primary.family, { region: replicaRegion, description, policy, tags });
  await store.changed();
  return {
    ReplicaKeyMetadata: keyMetadata(replica, store.accountId, store.now()),
    ReplicaPolicy: policy,
    ReplicaTags: tags,
  };
};

export const updatePrimaryRegion: KmsOperation = async ({ store, region }, input) => {
  const primary = resolveKey(store, region, requireText(input, "KeyId"), managed);
  const nextRegion = requireText(input, "PrimaryRegion", { max: 32 });
  requirePrimary(primary);
  const now = store.now();
  const next = primary.family.members.get(nextRegion);
  if (!next) throw notFound("The key has no replica in that Region.");
  requireState(primary, "use", now);
  requireState(next, "use", now);
  if (nextRegion === region) throw unsupported("The key in that Region is the primary already.");
  primary.family.primaryRegion = nextRegion;
  primary.family.primaryUpdate = { regions: [region, nextRegion], doneAt: now + store.settleMs };
  await store.changed();
  return {};
};

/** Replication, rotation and the choice of the primary are asked of the primary key only. */
export function requirePrimary(key: RegionalKey): void {
  if (!key.family.multiRegion) throw unsupported(`${key.arn} is not a multi-Region key.`);
  if (!isPrimary(key)) throw unsupported(`${key.arn} is not a multi-Region primary key.`);
}
