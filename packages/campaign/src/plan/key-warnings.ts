import type { ConcernedKey } from "./plan-types.ts";
import { counted, type PlanWarning } from "./plan-warning.ts";

export interface KeyWarningInput {
  readonly now: Date;
  /** Of the whole campaign. */
  readonly seconds: number;
  /** In the life of a key. */
  readonly onDemandRotations: number;
  /** Calls a second that the campaign may make on the keys of a custom key store. */
  readonly keyStoreRate: (region: string, keyStore: string) => number;
}

/** What a key's description says that an operator should know before a campaign concerns it. */
export function keyWarnings(key: ConcernedKey, input: KeyWarningInput): PlanWarning[] {
  return [
    ...stateWarnings(key),
    ...expiryWarnings(key, input),
    ...keyStoreWarnings(key, input),
    ...rotationWarnings(key, input),
  ];
}

function stateWarnings({ arn, use, enabled, state, usage, spec, deletionAt }: ConcernedKey): PlanWarning[] {
  const key = `the ${use} ${arn}`;
  const warnings: PlanWarning[] = [];
  if (state === "PendingDeletion" || state === "PendingReplicaDeletion" || deletionAt !== undefined) {
    const when = deletionAt === undefined ? "" : ` on ${deletionAt}`;
    warnings.push({
      code: "KEY_PENDING_DELETION",
      message: `${key} is to be deleted${when}: cancel the deletion first`,
    });
  } else if (!enabled) {
    warnings.push({ code: "KEY_NOT_ENABLED", message: `${key} is ${state}: KMS does not use it` });
  }
  if (usage !== "ENCRYPT_DECRYPT" || spec !== "SYMMETRIC_DEFAULT") {
    warnings.push({
      code: "KEY_NOT_SYMMETRIC",
      message: `${key} is no symmetric encryption key: ${usage}, ${spec}`,
    });
  }
  return warnings;
}

/** Imported material, the current one or an older one that wraps may still be under. */
function expiryWarnings({ arn, use, validTo, rotations = [] }: ConcernedKey, { now, seconds }: KeyWarningInput) {
  const times = [validTo, ...rotations.map((one) => one.validTo)].filter((time) => time !== undefined);
  const first = times.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
  if (first === undefined) return [];
  const isBeforeEnd = Date.parse(first) <= now.getTime() + seconds * 1_000;
  const when = isBeforeEnd ? `${first}, before this campaign would end` : first;
  const message = `the ${use} ${arn} has imported key material that expires on ${when}: nothing under it opens from then on`;
  return [{ code: "KEY_MATERIAL_EXPIRES", message } satisfies PlanWarning];
}

function keyStoreWarnings({ arn, use, region, keyStore }: ConcernedKey, input: KeyWarningInput): PlanWarning[] {
  if (keyStore === undefined) return [];
  const rate = Math.floor(input.keyStoreRate(region, keyStore));
  return [
    {
      code: "KEY_IN_CUSTOM_STORE",
      message:
        `the ${use} ${arn} lives in the custom key store ${keyStore}, which has a quota of its own: ` +
        `the campaign makes at most ${counted(rate, "call")} a second there`,
    },
  ];
}

/** So many are left, at most, that one should know. */
const FEW = 5;

function rotationWarnings({ arn, use, rotations = [] }: ConcernedKey, input: KeyWarningInput): PlanWarning[] {
  if (use === "source") return [];
  const used = rotations.filter(({ kind }) => kind === "ON_DEMAND").length;
  const left = Math.max(0, input.onDemandRotations - used);
  if (left > FEW) return [];
  return [
    {
      code: "ROTATIONS_NEARLY_USED",
      message: `the ${use} ${arn} can be rotated on demand ${counted(left, "time")} more: plan a campaign to another key`,
    },
  ];
}
