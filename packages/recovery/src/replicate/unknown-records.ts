/**
 * Which of the records that are to be replaced by a higher revision may be unknown to who wrote that one: written by an
 * earlier home after it was parted, or by another home under the same epoch. They are kept.
 */

import type { CallOptions, HomeEpoch, RecordHead } from "@dekhand/store";
import { failedWith, type Outcome } from "./outcomes.ts";
import type { RecordPlan } from "./plan-records.ts";
import { compareRevisions, isWrittenUnknowing, partingOf } from "./record-order.ts";
import type { ReplicateDeps } from "./replicate-types.ts";

export interface JudgedPlans {
  /** With what has to be kept. */
  readonly plans: readonly RecordPlan[];
  /** Of those that cannot be judged now. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

type JudgeDeps = Pick<ReplicateDeps, "home" | "target" | "homes" | "epochsOf" | "profiles">;

/** Throws StoreError where DEKs cannot be read, and the signal's reason. */
export async function keepUnknown(
  plans: readonly RecordPlan[],
  deps: JudgeDeps,
  options: CallOptions,
): Promise<JudgedPlans> {
  const outcomes = new Map<string, Outcome>();
  const doubtful = plans.filter(isDoubtful);
  if (doubtful.length === 0) return { plans, outcomes };
  const deks = await readDeks(doubtful, deps, options);
  const isUnknown = async ({ head, found }: Doubtful): Promise<boolean> => {
    const [newer, older] = [deks.home.get(head.dekId)?.dek, deks.target.get(found.dekId)?.dek];
    const profile = (older ?? newer)?.profile;
    if (profile === undefined) return false;
    const epochs = await readEpochs(profile, deps, options);
    return isWrittenUnknowing(head, found, partingOf({ head, dek: newer }, { head: found, dek: older }, epochs));
  };
  const judged: RecordPlan[] = [];
  for (const plan of plans) {
    try {
      judged.push(isDoubtful(plan) && (await isUnknown(plan)) ? { ...plan, keeps: plan.found } : plan);
    } catch (error) {
      options.signal?.throwIfAborted();
      outcomes.set(plan.head.recordId, failedWith(error));
    }
  }
  return { plans: judged, outcomes };
}

type Doubtful = RecordPlan & { readonly found: RecordHead };

/** Most revisions follow each other under one DEK, and need no look at it. */
function isDoubtful(plan: RecordPlan): plan is Doubtful {
  const { head, found } = plan;
  if (!found || compareRevisions(head, found) <= 0) return false;
  return found.epoch < head.epoch || (found.epoch === head.epoch && found.dekId !== head.dekId);
}

async function readDeks(plans: readonly Doubtful[], { home, target }: JudgeDeps, options: CallOptions) {
  const ids = (heads: readonly RecordHead[]) => [...new Set(heads.map(({ dekId }) => dekId))];
  const [newer, older] = await Promise.all([
    home.stores.deks.getMany(ids(plans.map(({ head }) => head)), home.region, options),
    target.stores.deks.getMany(ids(plans.map(({ found }) => found)), target.region, options),
  ]);
  return { home: newer, target: older };
}

async function readEpochs(
  profile: string,
  { profiles, homes, epochsOf }: JudgeDeps,
  options: CallOptions,
): Promise<readonly HomeEpoch[]> {
  if (epochsOf) return epochsOf(profile);
  // Of a profile that is not configured nothing is copied.
  if (!homes || !Object.hasOwn(profiles, profile)) return [];
  return (await homes.of(profile, options)).epochs ?? [];
}
