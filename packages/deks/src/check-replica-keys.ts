/**
 * Whether the keys of replica Regions are what their strategies need: looked up
 * in KMS, and told as findings. Nothing is refused for them: a replica Region
 * whose key does not fit must not stop what arrives at home.
 */

import { type KeyDescription, KmsError, type KmsGovernor } from "@dekhand/kms";
import type { Profile, Replica, ReplicaStrategy } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { areRelatedKeys } from "./related-keys.ts";

/**
 * - `suitable`: nothing is wrong with the keys.
 * - `unsuitable`: copies to the Region cannot work as they are configured.
 * - `unknown`: KMS could not be asked for all of it, and nothing else is wrong.
 */
export type ReplicaKeyVerdict = "suitable" | "unsuitable" | "unknown";

export interface ReplicaKeyFinding {
  readonly profile: string;
  readonly region: string;
  readonly strategy: ReplicaStrategy;
  /** As it is configured. */
  readonly key: string;
  /** What `key` stands for there by now. */
  readonly keyArn?: string;
  readonly verdict: ReplicaKeyVerdict;
  /** One sentence for each thing that is wrong or not known. */
  readonly problems: readonly string[];
}

export interface CheckReplicaKeysDeps {
  /** As they are configured, or as they would be with their home elsewhere. */
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly kms: (region: string) => Pick<KmsGovernor, "describeKey">;
}

export interface CheckReplicaKeysOptions extends CallOptions {
  /** How long each Region has for each answer, in milliseconds. Default 10,000. */
  readonly deadlineMs?: number | undefined;
}

type Looked =
  | { readonly kind: "found"; readonly key: KeyDescription }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

type LookUp = (region: string, key: string) => Promise<Looked>;

interface Problem {
  readonly text: string;
  /** Not certain: KMS could not be asked. */
  readonly certain: boolean;
}

/** One finding for each profile and replica Region, in the configuration's order. Throws the signal's reason only. */
export async function checkReplicaKeys(
  { profiles, kms }: CheckReplicaKeysDeps,
  { signal, deadlineMs }: CheckReplicaKeysOptions = {},
): Promise<readonly ReplicaKeyFinding[]> {
  const asked = new Map<string, Promise<Looked>>();
  const lookUp: LookUp = (region, key) => {
    const name = `${region} ${key}`;
    const answer = asked.get(name) ?? describe(kms(region), key, { signal, deadlineMs });
    asked.set(name, answer);
    return answer;
  };
  const pairs = Object.values(profiles).flatMap((profile) =>
    Object.values(profile.replicas).map((replica) => ({ profile, replica })),
  );
  return Promise.all(pairs.map(({ profile, replica }) => checkReplica(profile, replica, lookUp)));
}

async function checkReplica(profile: Profile, replica: Replica, lookUp: LookUp): Promise<ReplicaKeyFinding> {
  const { region, strategy, key, bridge } = replica;
  const found = await lookUp(region, key);
  const problems = keyProblems(found, `the key ${key}`);
  if (strategy === "multi-region")
    problems.push(...kinProblems(profile, found, await lookUp(profile.home, profile.key)));
  if (strategy === "bridge" && bridge !== undefined) {
    const ends = await Promise.all([profile.home, region].map((end) => lookUp(end, bridge)));
    problems.push(...bridgeProblems(bridge, profile, { replica, ends }));
  }
  const unsuitable = problems.some(({ certain }) => certain);
  return {
    ...{ profile: profile.name, region, strategy, key },
    ...(found.kind === "found" ? { keyArn: found.key.arn } : {}),
    verdict: unsuitable ? "unsuitable" : problems.length > 0 ? "unknown" : "suitable",
    problems: problems.map(({ text }) => text),
  };
}

/** What is wrong with one key by itself; `what` begins the sentence. */
function keyProblems(looked: Looked, what: string): Problem[] {
  if (looked.kind === "absent") return [{ text: `${what} is not there (${looked.reason})`, certain: true }];
  if (looked.kind === "unknown") return [{ text: `${what} could not be looked up (${looked.reason})`, certain: false }];
  const { usage, spec, enabled, state } = looked.key;
  if (usage !== "ENCRYPT_DECRYPT" || spec !== "SYMMETRIC_DEFAULT")
    return [{ text: `${what} is no symmetric encryption key`, certain: true }];
  return enabled ? [] : [{ text: `${what} is not enabled (${state})`, certain: true }];
}

/** Of strategy `multi-region`: also while the home Region is down, a key that cannot be related is seen to be one. */
function kinProblems({ home, key }: Profile, replica: Looked, atHome: Looked): Problem[] {
  const unrelated = { text: `the key is not related to the profile's key ${key} in ${home}`, certain: true };
  if (replica.kind === "found") {
    const { arn, multiRegion, primaryRegion, replicaRegions } = replica.key;
    if (!multiRegion) return [{ text: "the key is no multi-Region key", certain: true }];
    if (atHome.kind === "found") return areRelatedKeys(arn, atHome.key.arn) ? [] : [unrelated];
    if (primaryRegion !== undefined && ![primaryRegion, ...(replicaRegions ?? [])].includes(home)) return [unrelated];
  }
  return keyProblems(atHome, `the profile's key ${key} in ${home}`);
}

function bridgeProblems(
  bridge: string,
  { home }: Profile,
  { replica, ends }: { readonly replica: Replica; readonly ends: readonly Looked[] },
): Problem[] {
  const problems = ends.flatMap((end, at) => {
    const what = `the bridge ${bridge} in ${at === 0 ? home : replica.region}`;
    if (end.kind !== "found" || end.key.multiRegion) return keyProblems(end, what);
    return [{ text: `${what} is no multi-Region key`, certain: true }];
  });
  const arns = ends.flatMap((end) => (end.kind === "found" && end.key.multiRegion ? [end.key.arn] : []));
  const [one, other] = arns;
  if (one === undefined || other === undefined || areRelatedKeys(one, other)) return problems;
  const text = `the bridge ${bridge} stands for keys in ${home} and ${replica.region} that are not related`;
  return [...problems, { text, certain: true }];
}

async function describe(
  kms: Pick<KmsGovernor, "describeKey">,
  key: string,
  { signal, deadlineMs }: CheckReplicaKeysOptions,
): Promise<Looked> {
  try {
    return { kind: "found", key: await kms.describeKey(key, { signal, deadlineMs }) };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof KmsError)) throw error;
    return { kind: error.failureClass === "key-unusable" ? "absent" : "unknown", reason: error.code };
  }
}
