import type { ReplicateFailure, ReplicateResult } from "@dekhand/recovery";

export interface Payment {
  /** Nothing of it is owed any more. */
  readonly isPaid: boolean;
  /** What is, and why. What other Regions are the home of by now is owed without a failure. */
  readonly failures: readonly ReplicateFailure[];
}

/** What has arrived from one home is not owed, whatever the others say. */
export function sumUp(results: readonly ReplicateResult[]): Payment {
  const arrived = { dek: new Set<string>(), record: new Set<string>() };
  for (const { arrived: ids } of results) {
    for (const dekId of ids.dekIds) arrived.dek.add(dekId);
    for (const recordId of ids.recordIds) arrived.record.add(recordId);
  }
  const failures = results.flatMap(({ failed }) => failed).filter(({ kind, id }) => !arrived[kind].has(id));
  const isElsewhere = results.some(
    ({ elsewhere }) =>
      elsewhere.dekIds.some((dekId) => !arrived.dek.has(dekId)) ||
      elsewhere.recordIds.some((recordId) => !arrived.record.has(recordId)),
  );
  return { isPaid: failures.length === 0 && !isElsewhere, failures };
}
