import type { CampaignPlan, PlanDollars, TargetPlan } from "@dekhand/campaign";
import { type CommandContext, print } from "../../command-context.ts";
import { escapeControl } from "../../terminal/escape-control.ts";
import { formatTable } from "../../terminal/table.ts";
import { formatDuration } from "./format-duration.ts";

/** A plan for people to read. */
export function printPlan(context: CommandContext, plan: CampaignPlan): void {
  const { totals, warnings, assumptions } = plan;
  const copies = totals.toCopy === 0 ? "" : `, ${format(totals.toCopy)} copies that follow`;
  print(context, `${titles[plan.kind]}: ${format(totals.toRewrap)} wraps to rewrap${copies}`);
  for (const [title, lines] of sections(plan)) {
    if (lines.length === 0) continue;
    print(context);
    print(context, title);
    for (const line of lines) print(context, `  ${line}`);
  }
  print(context);
  print(context, warnings.length === 0 ? "No warnings" : "Warnings");
  for (const { code, message } of warnings) print(context, `  ${code}: ${escapeControl(message)}`);
  print(context);
  print(context, "Assumptions");
  for (const assumption of assumptions) print(context, `  - ${escapeControl(assumption)}`);
}

const titles: Readonly<Record<CampaignPlan["kind"], string>> = {
  rotation: "Rotation to the key's current material",
  key: "Campaign from key to key",
};

function sections(plan: CampaignPlan): readonly (readonly [string, readonly string[]])[] {
  const { keys, targets, regions, totals } = plan;
  return [
    [
      "Keys",
      formatTable(
        ["region", "use", "state", "ARN"],
        keys.map((key) => [key.region, key.use, key.state, key.arn]),
      ),
    ],
    [
      "Wraps",
      formatTable(
        ["store", "region", "wraps", "current", "to rewrap", "follow", "key not told", "other keys", "malformed"],
        targets.map(({ store, region, wraps, current, stale, following, unknown, other, malformed }) => [
          store,
          region,
          wraps,
          current,
          stale,
          following,
          unknown,
          other,
          malformed,
        ]),
      ),
    ],
    ["Copies", targets.flatMap(copyLines)],
    [
      "KMS calls",
      formatTable(
        ["store", "region", "rewrap", "probes", "preflight", "dry runs", "total"],
        targets.map(({ store, region, kmsCalls: { rewrap, probes, preflight, dryRunCensus, total } }) => [
          store,
          region,
          rewrap,
          probes,
          preflight,
          dryRunCensus,
          total,
        ]),
      ),
    ],
    [
      `Time: ${formatDuration(totals.seconds)}`,
      formatTable(
        ["region", "account's quota", "calls/s", "calls", "time"],
        regions.map(({ region, accountQuota, callsPerSecond, kmsCalls, seconds }) => [
          region,
          accountQuota,
          Math.round(callsPerSecond * 10) / 10,
          kmsCalls,
          formatDuration(seconds),
        ]),
      ),
    ],
    [`Costs: ${inDollars(totals.dollars.total)}`, costLines(totals.dollars)],
  ];
}

function copyLines({ store, region, follows }: TargetPlan): readonly string[] {
  if (follows === undefined) return [];
  const from = follows.regions.join(", ");
  if (follows.all)
    return [`${store} in ${region} follows ${from}: what is rewrapped there is copied, without a call to KMS`];
  return [`${store} in ${region}: wraps that are copies of those in ${from} follow them; all others are rewrapped`];
}

function format(count: number): string {
  return count.toLocaleString("en-US");
}

function costLines({ kms, dynamodbWrites, dynamodbScans, cloudTrail }: PlanDollars): readonly string[] {
  const lines = [
    ["KMS", kms],
    ["DynamoDB writes", dynamodbWrites],
    ["DynamoDB scans", dynamodbScans],
    ["CloudTrail copies", cloudTrail],
  ] as const;
  return lines.map(([name, dollars]) => `${name.padEnd(18)} ${inDollars(dollars)}`);
}

/** In whole cents, and never nothing for something. */
function inDollars(dollars: number): string {
  if (dollars > 0 && dollars < 0.01) return "under $0.01";
  return dollars.toLocaleString("en-US", { style: "currency", currency: "USD" });
}
