/** The last step of a retirement: KMS deletes the key. Only asked for by itself, and only once the retirement has disabled it. */

import { type CallOptions, type KeyDescription, KmsError } from "@dekhand/kms";
import type { Retirement } from "@dekhand/store";
import { takeCensus } from "../census.ts";
import { pendingDeletion } from "./key-states.ts";
import { describeUse, isUsedSince, openRun, type RetireRun, report } from "./retire-run.ts";
import type { RetireBlocker, RetireDeps, RetireReport, ScheduleDeletionOptions } from "./retire-types.ts";
import { without } from "./retirement-record.ts";

/** Throws as `retireKey`. */
export async function scheduleDeletion(
  reference: string,
  deps: RetireDeps,
  options: ScheduleDeletionOptions,
): Promise<RetireReport> {
  const run = await openRun(reference, deps, options);
  const { key, stage, record, standing } = run;
  const { signal, days } = options;
  const { current } = record;
  const soakMs = current === undefined ? 0 : Date.parse(current.soakUntil) - Date.parse(current.startedAt);
  if (stage === "deletion-pending") return pendingDeletion(run, soakMs);
  if (stage !== "disabled" || current === undefined) {
    const message = `the key is ${key.state}: only one that its retirement has disabled, and that still is, can be deleted`;
    return report(run, "refused", soakMs, { blockers: [{ kind: "key-state", message }] });
  }
  const used = usedWhileDisabled(run, current, options);
  const labelled = options.acceptUnknown === undefined ? await countLabels(run) : [];
  const blockers = [...standing.blockers, ...used, ...labelled];
  if (blockers.length > 0) return report(run, "refused", soakMs, { blockers });
  if (!(await options.confirm(key))) return report(run, "declined", soakMs);

  const accepted = [options.acceptUse, options.acceptUnknown].filter((reason) => reason !== undefined);
  const facts = without(current, "deletionAt");
  await record.save(facts, ...accepted.map((reason) => `accepted: ${reason}`), `it is deleted in ${days} days`);
  const after = await schedule(run, days, { signal });
  const { deletionAt } = after;
  if (deletionAt !== undefined) await record.save({ ...facts, deletionAt }, `KMS deletes the key at ${deletionAt}`);
  return report(run, "deletion-scheduled", soakMs, { key: after });
}

/** The key as it is afterwards. */
async function schedule({ key, deps: { kms } }: RetireRun, days: number, call: CallOptions): Promise<KeyDescription> {
  try {
    await kms.scheduleKeyDeletion(key.arn, { days, ...call });
  } catch (error) {
    // So KMS also answers a second sending, where the answer to the first was lost.
    if (!(error instanceof KmsError) || error.failureClass !== "key-unusable") throw error;
    const found = await kms.describeKey(key.arn, call);
    if (!found.state.endsWith("Deletion")) throw error;
    return found;
  }
  return kms.describeKey(key.arn, call);
}

/** Somebody had enabled it in between, and has needed it. */
function usedWhileDisabled(
  run: RetireRun,
  { disabledAt }: Retirement,
  { acceptUse }: ScheduleDeletionOptions,
): readonly RetireBlocker[] {
  if (disabledAt === undefined || acceptUse !== undefined || !isUsedSince(run, disabledAt)) return [];
  const message = `the key was used (${describeUse(run)}) after its retirement disabled it`;
  return [{ kind: "used", message }];
}

/** KMS tells nothing of wraps under a disabled key any more; what labels tell is left. */
async function countLabels({ key, deps, options }: RetireRun): Promise<readonly RetireBlocker[]> {
  const { signal, onProgress } = options;
  const stores = (await deps.stores()).map((store): typeof store => ({
    ...store,
    scan: async (segment, scanning) => {
      const page = await store.scan(segment, scanning);
      onProgress?.(page.wraps.length);
      return page;
    },
  }));
  const censuses = await takeCensus(stores, { consistent: true, signal });
  return censuses.flatMap(({ store, groups, unlisted }) => {
    const labelled = groups
      .filter(({ keyArn }) => keyArn === key.arn)
      .reduce((sum, { count }) => sum + count, unlisted);
    if (labelled === 0) return [];
    return [{ kind: "labels", message: `${labelled} wraps of ${store} may be under the key, by their labels` }];
  });
}
