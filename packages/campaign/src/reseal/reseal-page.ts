/**
 * Seals the records of one page again: those whose DEK is selected are opened,
 * sealed under another, and replaced where they still are what was read. Record
 * by record: one that fails stops no other. What would fail for all of them
 * stops the page and blames none.
 *
 * Running a page again is safe: what was resealed is under another DEK.
 * Envelopes are read one by one, into room that is bounded in bytes.
 */

import { anySignal } from "@dekhand/runtime";
import type { CallOptions, RecordHead } from "@dekhand/store";
import { type PageStop, worseStop } from "../page-stop.ts";
import { createByteRoom } from "./byte-room.ts";
import type { JudgeDek } from "./judge-dek.ts";
import type { ResealAccess } from "./reseal-access.ts";
import { type ResealedRecord, resealRecord } from "./reseal-record.ts";

/** As {@link ResealedRecord}; `left`: not done, because the page was stopped, which has to be run again. */
export type ResealOutcome =
  | Exclude<ResealedRecord, { readonly kind: "stop" | "cancelled" }>
  | { readonly kind: "left" };

export interface ResealedPage {
  /** In the order of the heads. */
  readonly outcomes: readonly ResealOutcome[];
  /** Present where the page was stopped by what would have failed for the others, too. */
  readonly stop?: PageStop;
}

export interface ResealPageDeps {
  readonly access: ResealAccess;
  readonly judge: JudgeDek;
}

export interface ResealPageOptions extends CallOptions {
  /** Aborted: no further record is begun, but what was sealed is still stored. `signal` ends that, too. */
  readonly halt?: AbortSignal | undefined;
  /** Records at once. Default 16. */
  readonly concurrency?: number | undefined;
  /**
   * Envelopes in memory at once, in bytes; a larger one comes alone. Default 64 MiB. While one is sealed again, it takes
   * about five times its size.
   */
  readonly roomBytes?: number | undefined;
}

const defaultRoomBytes = 64 * 1024 * 1024;

/** Throws nothing but faults in the code: an aborted signal leaves records `left`. */
export async function resealPage(
  heads: readonly RecordHead[],
  { access, judge }: ResealPageDeps,
  { signal, halt, concurrency = 16, roomBytes = defaultRoomBytes }: ResealPageOptions = {},
): Promise<ResealedPage> {
  const outcomes: ResealOutcome[] = heads.map(() => ({ kind: "left" }));
  const stopped = new AbortController();
  using ending = anySignal([signal, halt, stopped.signal]);
  const deps = { access, judge, room: createByteRoom(roomBytes) };
  let stop: PageStop | undefined;

  const queue = heads.entries();
  const lane = async () => {
    for (const [index, head] of queue) {
      if (ending.signal.aborted) return;
      const done = await resealRecord(head, deps, { signal, ending: ending.signal });
      if (done.kind === "stop") {
        stop = worseStop(stop, done.stop);
        stopped.abort(new Error("the page was stopped"));
      } else if (done.kind !== "cancelled") outcomes[index] = done;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, heads.length) }, lane));
  return { outcomes, ...(stop === undefined ? {} : { stop }) };
}
