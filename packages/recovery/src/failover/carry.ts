import { type ByteRoom, createByteRoom } from "@dekhand/campaign";
import type { CallOptions } from "@dekhand/store";
import type { ReconcileDeps } from "../reconcile/reconcile-types.ts";
import { replicateBatch } from "../replicate/replicate-batch.ts";
import type { Ids, ReplicateDeps, ReplicateResult } from "../replicate/replicate-types.ts";

export type CarryDeps = Pick<ReconcileDeps, "profiles" | "keys" | "bridges" | "logger" | "clock" | "regionOf"> &
  Pick<ReplicateDeps, "epochsOf"> & {
    /** Envelopes in memory, of everything that shares it. */
    readonly room: ByteRoom;
  };

const roomBytes = 64 * 1024 * 1024;

export function carryDeps({ profiles, keys, bridges, logger, clock, regionOf }: Omit<CarryDeps, "room">): CarryDeps {
  const shared = { profiles, keys, bridges, logger, regionOf, room: createByteRoom(roomBytes) };
  return clock === undefined ? shared : { ...shared, clock };
}

/**
 * Copies from one Region to another, whichever of them is the home: nobody else copies what is in a Region that is not.
 * Throws StoreError where a table cannot be read at all, and the signal's reason.
 */
export function carry(
  { dekIds = [], recordIds = [] }: Partial<Ids>,
  {
    from,
    to,
    deps,
    onKept,
    ...options
  }: CallOptions & {
    readonly from: string;
    readonly to: string;
    readonly deps: CarryDeps;
    readonly onKept?: ReplicateDeps["onKept"];
  },
): Promise<ReplicateResult> {
  const { regionOf, ...shared } = deps;
  // Without `homes`: the Region that is copied from counts as the home of all that it has.
  const between = { home: regionOf(from), target: regionOf(to), mode: "regional" as const };
  return replicateBatch(
    { region: to, dekIds, recordIds },
    { ...shared, ...between, ...(onKept === undefined ? {} : { onKept }) },
    options,
  );
}
