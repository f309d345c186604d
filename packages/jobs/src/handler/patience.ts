/**
 * Waiting out trouble that passes by itself, with the message held: handing it
 * back would spend one of the queue's receives on an outage.
 *
 * One profile's unusable key must not take every slot from the other profiles,
 * so only a bounded number of its jobs may wait here; further ones are handed
 * back for a while that doubles with each delivery. Which trouble is a key's is
 * for the handler to say.
 */

import { DekhandError } from "@dekhand/errors";
import { fullJitterDelay, type Logger, rateLimited, sleep } from "@dekhand/runtime";
import { handBackMs } from "../consumer/hand-back.ts";
import type { Delivery } from "../delivery.ts";

export interface PatienceOptions {
  /** How many jobs of one profile may wait at once for a key that is disabled or denied. */
  readonly maxWaitingForKey: number;
  /** How long a job waits for trouble to pass before its message is handed back, in milliseconds. */
  readonly holdMs: number;
  /** Whether it is one profile's key that is in trouble, and other profiles may go on. */
  readonly concernsKey: (error: DekhandError) => boolean;
  readonly logger: Logger;
}

/** A job that waits. */
export interface Waiting extends Pick<Delivery<unknown>, "attempt" | "signal"> {
  /** Whose key it needs, as far as that is known when there is trouble. */
  readonly profile: () => string;
}

export interface Patience {
  /**
   * Tries `act` until it succeeds. Throws what cannot pass by itself, and
   * HandBack when the job should not wait here any longer; throws whatever it
   * meets once the signal is aborted.
   */
  insist<T>(waiting: Waiting, act: () => Promise<T>): Promise<T>;
}

/** The message should be delivered again after `afterMs` milliseconds; `cause` says what it waits for. */
export class HandBack extends Error {
  readonly afterMs: number;
  constructor(afterMs: number, cause: DekhandError) {
    super("handed back", { cause });
    this.afterMs = afterMs;
  }
}

const backoff = { baseMs: 100, capMs: 10_000 };

export function createPatience({ maxWaitingForKey, holdMs, concernsKey, logger }: PatienceOptions): Patience {
  const warnings = rateLimited(logger, { everyMs: 10_000 });
  const waitingForKey = new Map<string, number>();

  /** Takes one of the profile's places until disposed; undefined when all are taken. */
  const takePlace = (profile: string): Disposable | undefined => {
    const waiting = waitingForKey.get(profile) ?? 0;
    if (waiting >= maxWaitingForKey) return undefined;
    waitingForKey.set(profile, waiting + 1);
    return {
      [Symbol.dispose]() {
        waitingForKey.set(profile, (waitingForKey.get(profile) ?? 1) - 1);
      },
    };
  };

  return {
    async insist({ attempt, signal, profile: profileOf }, act) {
      const giveUpAt = performance.now() + holdMs;
      using places = new DisposableStack();
      let hasPlace = false;
      for (let tries = 1; ; tries += 1) {
        try {
          return await act();
        } catch (error) {
          if (signal.aborted || !(error instanceof DekhandError) || !error.retryable) throw error;
          if (performance.now() >= giveUpAt) throw new HandBack(handBackMs(attempt), error);
          const profile = profileOf();
          if (concernsKey(error) && !hasPlace) {
            const place = takePlace(profile);
            if (!place) throw new HandBack(handBackMs(attempt), error);
            places.use(place);
            hasPlace = true;
          }
          warnings.log("warn", `${profile} ${error.code}`, { err: error, profile }, "jobs wait for this to pass");
          await sleep(fullJitterDelay(tries, backoff), { signal });
        }
      }
    },
  };
}
