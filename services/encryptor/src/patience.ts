/**
 * Waiting out trouble that passes by itself, with the message held: handing it
 * back would spend one of the queue's receives on an outage.
 *
 * One profile's unusable key must not take every slot from the other profiles,
 * so only a bounded number of its jobs may wait here; further ones are handed
 * back for a while that doubles with each delivery.
 */

import { DeksError } from "@dekhand/deks";
import { DekhandError } from "@dekhand/errors";
import type { Delivery } from "@dekhand/jobs";
import { KmsError } from "@dekhand/kms";
import { fullJitterDelay, type Logger, rateLimited, sleep } from "@dekhand/runtime";

export interface PatienceOptions {
  /** How many jobs of one profile may wait at once for a key that is disabled or denied. */
  readonly maxWaitingForKey: number;
  /** How long a job waits for trouble to pass before its message is handed back, in milliseconds. */
  readonly holdMs: number;
  readonly logger: Logger;
}

export interface Patience {
  /**
   * Tries `act` until it succeeds. Throws what cannot pass by itself, and
   * HandBack when the job should not wait here any longer; throws whatever it
   * meets once the delivery's signal is aborted.
   */
  insist<T>(delivery: Delivery, act: () => Promise<T>): Promise<T>;
}

/** The message should be delivered again after `afterMs`; `cause` says what it waits for. */
export class HandBack extends Error {
  readonly afterMs: number;
  constructor(afterMs: number, cause: DekhandError) {
    super("handed back", { cause });
    this.afterMs = afterMs;
  }
}

const backoff = { baseMs: 100, capMs: 10_000 };

export function createPatience({ maxWaitingForKey, holdMs, logger }: PatienceOptions): Patience {
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
    async insist({ job: { profile }, attempt, signal }, act) {
      const giveUpAt = performance.now() + holdMs;
      using places = new DisposableStack();
      let hasPlace = false;
      for (let tries = 1; ; tries += 1) {
        try {
          return await act();
        } catch (error) {
          if (signal.aborted || !(error instanceof DekhandError) || !error.retryable) throw error;
          if (performance.now() >= giveUpAt) throw new HandBack(handBackMs(attempt), error);
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

function concernsKey(error: DekhandError): boolean {
  if (error instanceof DeksError) return error.code === "DEKS_KEY_UNSUITABLE";
  return error instanceof KmsError && (error.failureClass === "key-unusable" || error.failureClass === "denied");
}

const minute = 60_000;

/** 15 minutes, doubling to 6 hours: a queue's allowed receives last for days. */
function handBackMs(attempt: number): number {
  return Math.min(15 * minute * 2 ** (attempt - 1), 360 * minute);
}
