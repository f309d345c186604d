/**
 * DEKs whose wraps are being made for one replica Region, by all batches that share
 * this. KMS is asked once for a DEK, however many batches need it at the same time:
 * who comes second waits for the first and reads what it has written. What the
 * first could not make, they do not try one after the other: its failure is theirs.
 */

import type { Failed } from "./outcomes.ts";

export interface WrapsInHand {
  /** To be opened before the tables are read. */
  open(): WrapSession;
}

/** One batch's. At its end, what it took is free again: by then its wraps are written, or will not be. */
export interface WrapSession extends Disposable {
  /**
   * Undefined: the DEK's wrap is this session's to make. Else another one is making it, or has made it since this session was
   * opened: wait for it once this session has ended, and read again unless it has failed.
   */
  take(dekId: string): Promise<Failed | undefined> | undefined;
  /** That a wrap which this session took will not be there. */
  failed(dekId: string, failure: Failed): void;
}

interface Making {
  readonly ended: Promise<Failed | undefined>;
  readonly end: (failure: Failed | undefined) => void;
  failure?: Failed;
}

export function createWrapsInHand(): WrapsInHand {
  const making = new Map<string, Making>();
  /** By session: DEKs of other sessions that ended since it was opened. What it has read of them may be from before. */
  const endedSince = new Set<Map<string, Promise<Failed | undefined>>>();

  return {
    open() {
      const ended = new Map<string, Promise<Failed | undefined>>();
      const own = new Map<string, Making>();
      endedSince.add(ended);
      return {
        take(dekId) {
          const others = ended.get(dekId) ?? making.get(dekId)?.ended;
          if (others) return others;
          const { promise, resolve } = Promise.withResolvers<Failed | undefined>();
          const mine: Making = { ended: promise, end: resolve };
          making.set(dekId, mine);
          own.set(dekId, mine);
          return undefined;
        },
        failed(dekId, failure) {
          const mine = own.get(dekId);
          if (mine) mine.failure = failure;
        },
        [Symbol.dispose]() {
          endedSince.delete(ended);
          for (const [dekId, mine] of own) {
            making.delete(dekId);
            for (const others of endedSince) others.set(dekId, mine.ended);
            mine.end(mine.failure);
          }
        },
      };
    },
  };
}
