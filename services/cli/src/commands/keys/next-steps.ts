import type { RetireOutcome, RetireReport } from "@dekhand/campaign";

/** What comes next, for an operator. */
export function nextSteps({ outcome, key, retirement, listed, probe }: RetireReport): readonly string[] {
  const again = `dekhand keys retire ${key.arn}`;
  const unlist = listed.length === 0 ? [] : [`take the key out of ${[...new Set(listed)].join(", ")}`];
  const steps: Readonly<Record<RetireOutcome, readonly string[]>> = {
    refused: ["settle what refuses it, then run the command again"],
    "wraps-found": foundSteps(probe),
    "soak-begun": [
      `after ${retirement?.soakUntil}: ${again} --backups ...: probes every wrap again, and disables the key`,
    ],
    "soak-restarted": [
      "find out who used the key, or wrote under it",
      `after ${retirement?.soakUntil}: ${again} --backups ...: probes every wrap again, and disables the key`,
    ],
    soaking: [`after ${retirement?.soakUntil}: ${again} --backups ...: probes every wrap again, and disables the key`],
    declined: ["nothing was done to the key; --yes does not ask"],
    disabled: [
      "watch for DisabledException of this key in CloudTrail: `aws kms enable-key` takes it back at once",
      `when nothing needs it: ${again} --schedule-deletion`,
    ],
    "already-disabled": [`when nothing needs it: ${again} --schedule-deletion`],
    "deletion-scheduled": [cancelDeletion(key.arn), ...unlist],
    "deletion-pending": [cancelDeletion(key.arn), ...unlist],
  };
  return steps[outcome];
}

function foundSteps(probe: RetireReport["probe"]): readonly string[] {
  return [
    ...((probe?.under.count ?? 0) > 0
      ? ["a campaign from this key moves what is under it; then run the command again"]
      : []),
    ...((probe?.unknown.count ?? 0) > 0
      ? ["restore what nobody can judge, or say with --accept-unknown <reason> that it is dead"]
      : []),
  ];
}

function cancelDeletion(arn: string): string {
  return `to keep the key: aws kms cancel-key-deletion --key-id ${arn}, then aws kms enable-key`;
}
