/**
 * The KMS keys that a configuration names: each profile's in its home and in its
 * replica Regions, bridges, and the one of transit keys. They are the
 * organisation's own and are never created here.
 */

import { checkReplicaKeys, type ReplicaKeyFinding } from "@dekhand/deks";
import { KmsError, type KmsGovernor } from "@dekhand/kms";
import type { DeploymentConfig, Profile } from "@dekhand/runtime";
import type { Connection } from "../connect.ts";
import { isSilence } from "./region-answers.ts";

export interface KeyPlan {
  readonly found: readonly FoundKey[];
  /** What would not work as it is configured, in sentences. */
  readonly refusals: readonly string[];
  readonly unknown: readonly UnknownKey[];
  /** Whether the key that wraps transit keys could be looked up; also where there is none. */
  readonly transitTold: boolean;
}

export interface FoundKey {
  /** `profile customer-pii`, `profile customer-pii in eu-west-1 by multi-region`, `transit keys`. */
  readonly use: string;
  readonly key: string;
  readonly arn: string;
}

/** What KMS could not be asked about, in a sentence. */
export interface UnknownKey {
  /** Whose answers it takes. */
  readonly regions: readonly string[];
  readonly problem: string;
}

export interface KeyPlanOptions {
  /** Whose keys nobody is asked about. */
  readonly skipped: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** For one key, in milliseconds. */
const deadlineMs = 5_000;

/** Throws KmsError for a key of a home, or of transit keys, that KMS does not have or does not show. */
export async function planKeys({ config, kms }: Connection, options: KeyPlanOptions): Promise<KeyPlan> {
  const [own, findings] = await Promise.all([
    Promise.all(ownKeys(config, options).map((wanted) => look(wanted, kms(wanted.region), options))),
    replicaKeys(config, kms, options),
  ]);
  const unsuitable = findings.filter(({ verdict }) => verdict === "unsuitable");
  return {
    found: [
      ...own.flatMap(({ use, key, arn }) => (arn === undefined ? [] : [{ use, key, arn }])),
      ...findings.flatMap((one) => (one.keyArn === undefined ? [] : [{ ...useOf(one), arn: one.keyArn }])),
    ],
    refusals: unsuitable.flatMap((one) => one.problems.map((problem) => `${useOf(one).use}: ${problem}`)),
    unknown: [
      ...own.flatMap(({ use, key, region, code }) =>
        code === undefined
          ? []
          : [{ regions: [region], problem: `${use}: the key ${key} in ${region} could not be looked up (${code})` }],
      ),
      ...findings.flatMap((one) => (one.verdict === "unknown" ? unknownOf(one, homeOf(one, config.profiles)) : [])),
    ],
    transitTold: own.every(({ isTransit, code }) => !isTransit || code === undefined),
  };
}

interface OwnKey {
  readonly use: string;
  readonly region: string;
  readonly key: string;
  readonly isTransit: boolean;
}

function ownKeys(
  { profiles, transit, control }: Pick<DeploymentConfig, "profiles" | "transit" | "control">,
  { skipped }: KeyPlanOptions,
): readonly OwnKey[] {
  const homes = Object.values(profiles).map(({ name, home, key }) => ({
    ...{ use: `profile ${name}`, region: home, key, isTransit: false },
  }));
  const wraps = transit
    ? [{ use: "transit keys", region: transit.region ?? control, key: transit.key, isTransit: true }]
    : [];
  return [...homes, ...wraps].filter(({ region }) => !skipped.has(region));
}

interface Looked extends OwnKey {
  readonly arn?: string;
  /** Of the error, where the Region said nothing. */
  readonly code?: string;
}

async function look(
  wanted: OwnKey,
  kms: Pick<KmsGovernor, "describeKey">,
  { signal }: KeyPlanOptions,
): Promise<Looked> {
  try {
    return { ...wanted, arn: (await kms.describeKey(wanted.key, { signal, deadlineMs })).arn };
  } catch (error) {
    if (signal.aborted || !isSilence(error)) throw error;
    return { ...wanted, code: error.code };
  }
}

/** As the services check them when they start. */
async function replicaKeys(
  { profiles }: Pick<DeploymentConfig, "profiles">,
  kms: Connection["kms"],
  { skipped, signal }: KeyPlanOptions,
): Promise<readonly ReplicaKeyFinding[]> {
  const wanted = Object.values(profiles).map((profile): [string, Profile] => {
    const replicas = Object.entries(profile.replicas).filter(([region]) => !skipped.has(region));
    return [profile.name, { ...profile, replicas: Object.fromEntries(replicas) }];
  });
  const asked = (region: string) => (skipped.has(region) ? unasked(region) : kms(region));
  const findings = await checkReplicaKeys({ profiles: Object.fromEntries(wanted), kms: asked }, { signal, deadlineMs });
  // That a home which nobody wanted to be asked did not answer is no news.
  return findings.map((one) => {
    const isLeftOpen = one.verdict === "unknown" && one.keyArn !== undefined;
    return isLeftOpen && skipped.has(homeOf(one, profiles)) ? { ...one, verdict: "suitable", problems: [] } : one;
  });
}

function unasked(region: string): Pick<KmsGovernor, "describeKey"> {
  const failure = { failureClass: "circuit-open", operation: "DescribeKey", reason: "Skipped", attempts: 0 } as const;
  return { describeKey: () => Promise.reject(new KmsError({ ...failure, region })) };
}

function homeOf({ profile, region }: ReplicaKeyFinding, profiles: DeploymentConfig["profiles"]): string {
  return profiles[profile]?.home ?? region;
}

function useOf({ profile, region, strategy, key }: ReplicaKeyFinding): Pick<FoundKey, "use" | "key"> {
  return { use: `profile ${profile} in ${region} by ${strategy}`, key };
}

function unknownOf(finding: ReplicaKeyFinding, home: string): readonly UnknownKey[] {
  const { use } = useOf(finding);
  return finding.problems.map((problem) => ({ regions: [finding.region, home], problem: `${use}: ${problem}` }));
}
