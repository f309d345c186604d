/**
 * Which of the records that are to be replaced by a higher revision may be unknown to who wrote that one: written by an
 * earlier home after it was parted, or by another home under the same epoch. They are kept.
 */

import type { CallOptions, HomeEpoch, RecordHead } from "@dekhand/store";
import { failedWith, type Outcome } from "./outcomes.ts";
import { partedAtMs } from "./parting.ts";
import type { RecordPlan } from "./plan-records.ts";
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
  const doubtful = new Map(plans.flatMap((plan) => (isDoubtful(plan) ? [[plan.head.recordId, plan.found]] : [])));
  if (doubtful.size === 0) return { plans, outcomes };
  const deks = await readDeks(
    plans.filter(({ head }) => doubtful.has(head.recordId)).filter(isDoubtful),
    deps,
    options,
  );
  const epochs = new Map<string, Promise<readonly HomeEpoch[]>>();
  const epochsOf = (profile: string) => {
    const found = epochs.get(profile) ?? readEpochs(profile, deps, options);
    epochs.set(profile, found);
    return found;
  };
  const isUnknown = async (head: RecordHead, found: RecordHead): Promise<boolean> => {
    const [newer, older] = [deks.home.get(head.dekId)?.dek, deks.target.get(found.dekId)?.dek];
    if (head.epoch === found.epoch) return newer !== undefined && older !== undefined && newer.home !== older.home;
    const profile = (older ?? newer)?.profile;
    if (profile === undefined) return false;
    return Date.parse(found.createdAt) >= partedAtMs(found.epoch, await epochsOf(profile));
  };
  const judged: RecordPlan[] = [];
  for (const plan of plans) {
    const { recordId } = plan.head;
    const found = doubtful.get(recordId);
    try {
      judged.push(found && (await isUnknown(plan.head, found)) ? { ...plan, keeps: found } : plan);
    } catch (error) {
      options.signal?.throwIfAborted();
      outcomes.set(recordId, failedWith(error));
    }
  }
  return { plans: judged, outcomes };
}

/** Most revisions follow each other under one DEK, and need no look at it. */
function isDoubtful(plan: RecordPlan): plan is RecordPlan & { readonly found: RecordHead } {
  const { head, found } = plan;
  if (!found || rank(head) <= rank(found)) return false;
  return found.epoch < head.epoch || (found.epoch === head.epoch && found.dekId !== head.dekId);
}

function rank({ revision = -1 }: RecordHead): number {
  return revision;
}

async function readDeks(
  plans: readonly { readonly head: RecordHead; readonly found: RecordHead }[],
  { home, target }: JudgeDeps,
  options: CallOptions,
) {
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
