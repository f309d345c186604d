/** What `config check` says of the keys of replica Regions. */

import { checkReplicaKeys, type ReplicaKeyFinding } from "@dekhand/deks";
import type { DeploymentConfig } from "@dekhand/runtime";
import type { CommandContext } from "../command-context.ts";
import { connect } from "../connect.ts";
import { formatTable } from "../terminal/table.ts";

/** How long KMS has for each key, in milliseconds: a Region that is down should not hold up the rest. */
const deadlineMs = 5_000;

/** Looks the keys up where there are replica Regions; KMS is not asked where there are none. */
export async function findReplicaKeys(
  config: DeploymentConfig,
  context: CommandContext,
): Promise<readonly ReplicaKeyFinding[]> {
  const { profiles } = config;
  if (Object.values(profiles).every(({ replicas }) => Object.keys(replicas).length === 0)) return [];
  await using connection = connect(config, context);
  return await checkReplicaKeys({ profiles, kms: connection.kms }, { signal: context.signal, deadlineMs });
}

export function replicaKeyLines(findings: readonly ReplicaKeyFinding[]): readonly string[] {
  if (findings.length === 0) return [];
  const rows = findings.map(({ profile, region, strategy, key, verdict }) => [profile, region, strategy, key, verdict]);
  return ["", ...formatTable(["profile", "replica Region", "strategy", "key", "keys are"], rows)];
}

export function replicaKeyWarnings(findings: readonly ReplicaKeyFinding[]): readonly string[] {
  return findings.flatMap(({ profile, region, problems }) =>
    problems.map((problem) => `warning: ${profile} in ${region}: ${problem}`),
  );
}
